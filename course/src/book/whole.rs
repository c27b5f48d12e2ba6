//! What no line end may cut. A browser breaks `--nap 10` behind each of its hyphens, and at the space; of long code its
//! short words are not cut. Nor does the number of a chapter part with its word.

const OPEN: &str = "<code>";
const CLOSE: &str = "</code>";

/// Longer code would leave a hole in the line before it.
pub(crate) const LONG: usize = 24;

/// A finished page in which what belongs together is marked.
pub(crate) fn mark(page: &str) -> String {
    mark_code(&join_numbers(page))
}

/// The page with `chapter 3` and `Appendix B` in one piece each, except in what a program says.
fn join_numbers(page: &str) -> String {
    let mut joined = String::with_capacity(page.len());
    for piece in page.split_inclusive("</pre>") {
        let (text, shown) = piece.split_at(piece.find("<pre").unwrap_or(piece.len()));
        joined += &join(&join(text, "hapter "), "ppendix ");
        joined += shown;
    }
    joined
}

fn join(text: &str, word: &str) -> String {
    let mut pieces = text.split(word);
    let mut joined = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let number = piece.starts_with(|first: char| first.is_ascii_digit() || first.is_ascii_uppercase());
        joined.extend([word.trim_end(), if number { "\u{a0}" } else { " " }, piece]);
    }
    joined
}

/// A finished page in which short code is marked, and a long name may be cut behind each of its words.
fn mark_code(page: &str) -> String {
    let mut marked = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let (code, after) = behind.split_once(CLOSE).unwrap_or(("", behind));
        marked += before;
        rest = if code.is_empty() || code.contains(['\n', '<']) {
            marked += OPEN;
            behind
        } else if code.len() <= LONG {
            let class = if code.contains(['-', ' ']) { r#"<code class="whole">"# } else { OPEN };
            marked.extend([class, code, CLOSE]);
            after
        } else {
            marked.extend([OPEN, &code.split(' ').map(word).collect::<Vec<_>>().join(" "), CLOSE]);
            after
        };
    }
    marked + rest
}

/// A word of long code.
fn word(word: &str) -> String {
    if word.contains('-') && word.len() <= LONG {
        return format!(r#"<span class="whole">{word}</span>"#);
    }
    word.replace('_', "_<wbr>")
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
    fn a_number_stays_with_its_word() {
        let page = "<p>In chapter 3, Appendix B.<pre>chapter 3</pre>A chapter is in chapters 4 and\n<b>Chapter 5</b>";
        assert_eq!(
            mark(page),
            "<p>In chapter\u{a0}3, Appendix\u{a0}B.<pre>chapter 3</pre>A chapter is in chapters 4 and\n<b>Chapter\u{a0}5</b>"
        );
    }

    #[test]
    fn a_long_name_may_be_cut_behind_its_words() {
        assert_eq!(
            mark("<code>tests/engine.rs::an_empty_message</code> a_b"),
            "<code>tests/engine.rs::an_<wbr>empty_<wbr>message</code> a_b"
        );
    }

    #[test]
    fn the_flags_of_a_long_command_stay_whole() {
        assert_eq!(
            mark("<code>cargo run --bin 01-blocking-echo</code>"),
            r#"<code>cargo run <span class="whole">--bin</span> <span class="whole">01-blocking-echo</span></code>"#
        );
    }

    #[test]
    fn what_is_long_or_nothing_breaks_is_left_alone() {
        for page in [
            "<code>--a-flag-that-is-longer-than-a-line</code>",
            "<code>a\nb</code>",
            "<code>read</code> <code>",
            r#"<pre><code class="language-c">a-b</code></pre>"#,
        ] {
            assert_eq!(mark(page), page);
        }
    }
}
