//! Tests from outside: the house rules, and the program as its users run it.

mod house;
mod isolation;
