//! What goes wrong round the daemon: disks, shares, mail servers, clocks, floods. The real binary, watched from outside; it
//! stops taking, says why, and goes on by itself.

mod clock;
mod daemon;
mod disk;
mod files;
mod keeping;
mod load;
mod mail;
mod privacy;
mod sealing;
