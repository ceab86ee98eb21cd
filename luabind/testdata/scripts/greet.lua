return function(name) return "hello from " .. name end
