//! HTTP/1.1 as a framing: requests in a stream of bytes, RFC 9112.

use crate::body::Body;
use crate::refusal::{Limits, Progress, Refusal};
use crate::request::Request;
use crate::status::Status;
use reactor::framing::{Framing, FramingError};
use std::mem;

/// What a client sends, piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A whole request.
    Request(Request<'a>),
    /// A head whose client waits for `100 Continue` before it sends the body. The request follows.
    AwaitsGoAhead,
    /// Something that will not be served: the last message of its client.
    ///
    /// It is a message and no [`FramingError`], because the client is owed an answer that says why.
    Refused(Refusal),
}

/// Finds the requests in what one client sends.
///
/// A client may send its request byte by byte, and each byte brings another call. So the head is parsed once, when its
/// blank line has arrived, and no byte of head or chunk is looked at again and again.
#[derive(Debug)]
pub struct HttpFraming {
    limits: Limits,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The head has not arrived as a whole.
    Head(Search),
    /// The body has not. It begins behind the first `head` bytes: none, if they were taken for
    /// [`Incoming::AwaitsGoAhead`].
    Body { request: Request<'static>, head: usize, body: Body },
    /// There will be no other request.
    Over,
}

impl HttpFraming {
    /// Finds requests within these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, stage: Stage::Head(Search::default()) }
    }

    fn advance<'a>(&mut self, input: &'a [u8]) -> Progress<Incoming<'a>> {
        match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Head(mut search) => match search.end_of_head(input, self.limits.head)? {
                Some(head) => self.read_head(input, head),
                None => self.wait(Stage::Head(search)),
            },
            Stage::Body { request, head, mut body } => match body.take(&input[head..])? {
                Some((content, taken)) => self.finish(request.with_body(content), head + taken),
                None => self.wait(Stage::Body { request, head, body }),
            },
            Stage::Over => Ok(None),
        }
    }

    fn read_head<'a>(&mut self, input: &'a [u8], head: usize) -> Progress<Incoming<'a>> {
        let request = Request::parse(&input[..head])?;
        let mut body = Body::announced(&request, self.limits)?;
        let awaits_go_ahead = request.awaits_go_ahead()?;
        if let Some((content, taken)) = body.take(&input[head..])? {
            return self.finish(request.with_body(content), head + taken);
        }
        let request = request.into_owned();
        if awaits_go_ahead {
            self.stage = Stage::Body { request, head: 0, body };
            return Ok(Some((Incoming::AwaitsGoAhead, head)));
        }
        self.wait(Stage::Body { request, head, body })
    }

    fn wait<'a>(&mut self, stage: Stage) -> Progress<Incoming<'a>> {
        self.stage = stage;
        Ok(None)
    }

    fn finish<'a>(&mut self, request: Request<'a>, taken: usize) -> Progress<Incoming<'a>> {
        if request.keeps_alive() {
            self.stage = Stage::Head(Search::default());
        }
        Ok(Some((Incoming::Request(request), taken)))
    }
}

// ANCHOR: next
impl Framing for HttpFraming {
    type Message<'a> = Incoming<'a>;

    /// # Errors
    /// [`FramingError::Malformed`] for bytes behind the last request: one that said `Connection: close`, or was
    /// refused. Nobody is owed an answer to them (RFC 9112 section 9.6).
    fn next<'a>(&mut self, input: &'a [u8]) -> Result<Option<(Incoming<'a>, usize)>, FramingError> {
        if let Stage::Over = self.stage {
            return Err(FramingError::Malformed("bytes behind the last request"));
        }
        self.advance(input).or_else(|refusal| {
            let refusal = Refusal { to_head: input.trim_ascii_start().starts_with(b"HEAD "), ..refusal };
            Ok(Some((Incoming::Refused(refusal), input.len())))
        })
    }
}
// ANCHOR_END: next

/// The search for the blank line behind a head. It looks at each byte once, and at a line feed until it is known what
/// follows it, however the bytes come.
#[derive(Debug, Default)]
struct Search {
    /// Whether the request line has begun.
    begun: bool,
    /// So many bytes need not be looked at again.
    searched: usize,
}

impl Search {
    /// The number of bytes up to and with the blank line, or `None`: it has not arrived.
    ///
    /// A line may end with a bare line feed, as RFC 9112 section 2.2 allows: that makes `nc` a client. Blank lines
    /// before the request line are passed over, as it asks.
    fn end_of_head(&mut self, input: &[u8], limit: usize) -> Result<Option<usize>, Refusal> {
        let within = &input[..input.len().min(limit)];
        if !self.begun {
            self.begin(within)?;
        }
        while let Some(feed) = within[self.searched..].iter().position(|byte| *byte == b'\n') {
            self.searched += feed;
            match &within[self.searched + 1..] {
                [b'\n', ..] => return Ok(Some(self.searched + 2)),
                [b'\r', b'\n', ..] => return Ok(Some(self.searched + 3)),
                // What stands behind this line feed is still to come, so look at it again.
                [] | [b'\r'] => return if input.len() < limit { Ok(None) } else { Err(too_long(within)) },
                _ => self.searched += 1,
            }
        }
        self.searched = within.len();
        if input.len() < limit { Ok(None) } else { Err(too_long(within)) }
    }

    /// Passes over blank lines. A byte that cannot begin a method is refused at once: it is most likely TLS, whose
    /// client would wait for us as we would wait for it.
    fn begin(&mut self, within: &[u8]) -> Result<(), Refusal> {
        let blank = within[self.searched..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.searched += blank;
        self.begun = self.searched < within.len();
        if self.begun && !within[self.searched].is_ascii_graphic() {
            return Err(Refusal::bad("this is not HTTP"));
        }
        Ok(())
    }
}

fn too_long(head: &[u8]) -> Refusal {
    if head.trim_ascii_start().contains(&b'\n') {
        Refusal::new(Status::RequestHeaderFieldsTooLarge, "the header fields are longer than this server takes")
    } else {
        Refusal::new(Status::UriTooLong, "the request line is longer than this server takes")
    }
}
