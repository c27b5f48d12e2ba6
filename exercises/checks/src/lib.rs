//! Proves what the exercises say of wrong answers.
