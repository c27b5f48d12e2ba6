//! Short code that no line end may cut: a browser breaks `--nap 10` behind each of its hyphens, and at the space.

const OPEN: &str = "<code>";
const CLOSE: &str = "</code>";

/// Longer code would leave a hole in the line before it.
const LONG: usize = 24;

/// A finished page in which they are marked.
pub(crate) fn mark(page: &str) -> String {
    let mut marked = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let code = behind.split_once(CLOSE).map_or("", |(code, _)| code);
        let whole = code.contains(['-', ' ']) && code.len() <= LONG && !code.contains('\n');
        marked += before;
        marked += if whole { r#"<code class="whole">"# } else { OPEN };
        rest = behind;
    }
    marked + rest
}

#[cfg(test)]
mod tests {
    use super::mark;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_flag_stays_whole() {
        assert_eq!(mark("<p>Add <code>--read-once</code>."), r#"<p>Add <code class="whole">--read-once</code>."#);
    }

    #[test]
    fn what_is_long_or_nothing_breaks_is_left_alone() {
        for page in [
            "<code>cargo run --bin 01-blocking-echo</code>",
            "<code>--a-flag-that-is-longer-than-a-line</code>",
            "<code>a\nb</code>",
            "<code>read</code> <code>",
            r#"<pre><code class="language-c">a-b</code></pre>"#,
        ] {
            assert_eq!(mark(page), page);
        }
    }
}
