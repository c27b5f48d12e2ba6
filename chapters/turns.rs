//! A loop that ought to sleep and does not is seen by how often it turns.

/// Counts the turns of a loop. At 1,000, 10,000, 100,000 ... it says so on stderr.
#[derive(Debug, Default)]
pub struct Turns(u64);

impl Turns {
    /// One more.
    pub fn count(&mut self) {
        self.0 += 1;
        if self.0 >= 1000 && 10_u64.pow(self.0.ilog10()) == self.0 {
            eprintln!("{} turns of the loop", self.0);
        }
    }

    /// How many there have been.
    pub fn so_far(&self) -> u64 {
        self.0
    }
}
