return "from the other directory"
