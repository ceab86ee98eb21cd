return {counter = require "counter"}
