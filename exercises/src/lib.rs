//! The exercises of *Using epoll*. Each is a file beside this one; it is yours to change.
//!
//! ```text
//! cargo test -p exercises --test 01_echo
//! ```
//!
//! The test, `tests/01_echo.rs`, says what is to be proved, from easy to nasty. `hints/01_echo.md` helps in three steps.
