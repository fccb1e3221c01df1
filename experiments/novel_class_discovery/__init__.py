"""Novel class discovery: some classes have labels, others are to be found among rows without any."""
