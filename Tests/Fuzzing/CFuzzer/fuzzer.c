// A module of declarations: libFuzzer brings the functions.
