local progress = require "progress"
print("ready")
for _ in progress(function() return 1 end, {label = "endless"}) do
  Process.sleep(0.001)
end
