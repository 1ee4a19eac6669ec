// The entry point: wires the commands and turns every expected failure into one line.
return 0;
