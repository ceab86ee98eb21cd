local Account = {}; Account.__index = Account
function Account.new(b) return setmetatable({balance = b, log = 0}, Account) end
function Account:deposit(v) self.balance = self.balance + v; self.log = self.log + 1; return self end
function Account:get() return self.balance end
local Special = setmetatable({}, {__index = Account}); Special.__index = Special
function Special.new(b) local o = Account.new(b); return setmetatable(o, Special) end
local s, a = Special.new(0), Account.new(0)
local sum = 0
for i = 1, 700000 do s:deposit(i); a:deposit(1); sum = sum + s:get() end
print(("%.14g"):format(sum), a:get())
