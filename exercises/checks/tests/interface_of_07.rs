//! Exercise 7 rebuilds the engine's `framing/length_prefix.rs`: what is public in the one is public in the other.

#[test]
fn the_interface_is_the_engines() {
    let engine = include_str!("../../../src/framing/length_prefix.rs");
    testkit::interface::prove_same(include_str!("../../stubs/07_framing.rs"), engine);
    testkit::interface::prove_same(include_str!("../../../solutions/07_framing.rs"), engine);
}
