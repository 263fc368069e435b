//! Attacks on the program, each as its attacker would run it. What a pure function can refuse is tested
//! beside that function.

mod host;
mod order;
mod root;
