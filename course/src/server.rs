//! The finished book on the engine that it builds.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http_server::{Assets, Event, EventStream, Http, Publisher, Request, Response, Service, SharedAssets};
use reactor::{Builder, Running};

use crate::book::Site;

/// Whoever has neither asked nor listened for this long has closed the page. Pages that are open are told the counters
/// each second.
const IDLE: Duration = Duration::from_secs(60);

/// Serves a book until it is dropped.
#[derive(Debug)]
pub struct Server {
    assets: SharedAssets,
    publisher: Publisher,
    /// Names the book that is served.
    book: String,
    engine: Running<Http<Pages>>,
}

/// The service: the files of the book, and the events that its pages listen to.
#[derive(Debug)]
pub struct Pages {
    assets: SharedAssets,
    events: EventStream,
}

impl Server {
    /// Starts to serve on this port of the loopback interface; 0 is any free one.
    ///
    /// # Errors
    /// `EADDRINUSE`, `EACCES` and what else [`Builder::bind`] answers; the message names the address.
    pub fn start(port: u16, site: &Site) -> io::Result<Self> {
        let (assets, events) = (SharedAssets::new(assets(site)), EventStream::new());
        let pages = Pages { assets: assets.clone(), events: events.clone() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let engine = Builder::new().idle_timeout(IDLE).bind(address, Http::new(pages))?.start()?;
        Ok(Self { assets, publisher: Publisher::new(events, engine.handle()), book: site.id().to_owned(), engine })
    }

    /// Where the book is served.
    pub fn address(&self) -> SocketAddr {
        self.engine.local_addr()
    }

    /// Serves this book from now on, and tells the pages that are open.
    pub fn replace(&mut self, site: &Site) {
        self.assets.replace(assets(site));
        site.id().clone_into(&mut self.book);
        self.publish_stats();
    }

    /// Tells the pages that are open what the engine has done so far, and which book it serves: a page of another one
    /// reloads itself.
    pub fn publish_stats(&self) {
        // Whoever misses this, because the mailbox is full, hears the next.
        let _ = self.publisher.publish(&Event::named("stats", &self.stats()));
    }

    /// Ends all connections, and the engine.
    ///
    /// # Errors
    /// What ended the engine before.
    pub fn stop(self) -> io::Result<()> {
        self.engine.stop().map(drop)
    }

    fn stats(&self) -> String {
        let stats = self.engine.handle().stats();
        format!(
            r#"{{"book":"{}","connections":{},"messages":{},"wakeups":{},"eagains":{},"bytes":{}}}"#,
            self.book,
            stats.connections,
            stats.messages,
            stats.wakeups,
            stats.eagains,
            stats.bytes_in + stats.bytes_out
        )
    }
}

impl Service for Pages {
    fn respond(&mut self, request: &Request<'_>) -> Response {
        match request.path() {
            "/events" => Response::events(&self.events),
            _ => self.assets.respond(request),
        }
    }
}

fn assets(site: &Site) -> Assets {
    let mut assets = Assets::new();
    for (path, file) in site.iter() {
        assets.insert_as(file.content_type, path, file.bytes.as_slice());
    }
    assets
}
