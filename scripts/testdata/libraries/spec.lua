local lfs = require "lfs"

describe("files", function()
  it("are listed", function()
    local n = 0
    for _ in lfs.dir(".") do n = n + 1 end
    assert.is_true(n >= 2)
    assert.are.same({mode = "directory"}, {mode = lfs.attributes(".", "mode")})
  end)
  it("fail", function() assert.are.equal(1, 2) end)
  pending("are to come")
end)
