//! The finished book on the engine that it builds.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http_server::{
    Assets, Body, Event, EventStream, Http, Method, Publisher, Request, Response, Service, SharedAssets, Status,
};
use reactor::{Builder, Running};
use serde_json::{Value, json};

use crate::book::Site;
use crate::recorder::{self, THIS_PROGRAM};

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
    known: Arc<Mutex<Known>>,
    engine: Running<Http<Pages>>,
}

/// What pages ask for when they are opened.
#[derive(Debug, Default)]
struct Known {
    /// What is known of each exercise, by its name.
    exercises: BTreeMap<String, Value>,
    /// What the engine is made of.
    blocks: Value,
}

/// Tells the pages how the exercises stand.
#[derive(Debug, Clone)]
pub struct Verdicts {
    known: Arc<Mutex<Known>>,
    publisher: Publisher,
}

impl Verdicts {
    /// Tells the pages that are open of this exercise, and those that are opened later.
    pub fn tell(&self, name: &str, entry: Value) {
        let event = Event::named("exercise", &entry.to_string());
        // Known first: whoever begins to listen now hears of it twice rather than never.
        self.known.lock().unwrap_or_else(PoisonError::into_inner).exercises.insert(name.to_owned(), entry);
        // A page that misses this, because the mailbox is full, asks when it listens again.
        let _ = self.publisher.publish(&event);
    }
}

/// How many experiments may wait to be run again.
const WAITING: usize = 8;

/// The service: the files of the book, and the events that its pages listen to.
#[derive(Debug)]
pub struct Pages {
    assets: SharedAssets,
    events: EventStream,
    known: Arc<Mutex<Known>>,
    /// Names of experiments to run again. Some take a second: too long for the thread that serves everybody.
    again: SyncSender<&'static str>,
}

impl Server {
    /// Starts to serve on this port of the loopback interface; 0 is any free one.
    ///
    /// # Errors
    /// `EADDRINUSE`, `EACCES` and what else [`Builder::bind`] answers; the message names the address.
    pub fn start(port: u16, site: &Site) -> io::Result<Self> {
        let (assets, events) = (SharedAssets::new(assets(site)), EventStream::new());
        let (again, names) = mpsc::sync_channel(WAITING);
        let known = Arc::<Mutex<Known>>::default();
        let pages = Pages { assets: assets.clone(), events: events.clone(), known: Arc::clone(&known), again };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let engine = Builder::new().idle_timeout(IDLE).bind(address, Http::new(pages))?.start()?;
        let publisher = Publisher::new(events, engine.handle());
        let answers = publisher.clone();
        thread::Builder::new().name("lab".to_owned()).spawn(move || run_again(&names, &answers))?;
        Ok(Self { assets, publisher, book: site.id().to_owned(), known, engine })
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

    /// Tells the pages that are opened from now on what the engine is made of: an array of objects with `name` and `yours`.
    pub fn made_of(&self, blocks: Value) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).blocks = blocks;
    }

    /// Tells the pages that are open what the engine has done so far, and which book it serves: a page of another one
    /// reloads itself.
    pub fn publish_stats(&self) {
        // Whoever misses this, because the mailbox is full, hears the next.
        let _ = self.publisher.publish(&Event::named("stats", &self.stats()));
    }

    /// Where verdicts on exercises go, from any thread.
    pub fn exercises(&self) -> Verdicts {
        Verdicts { known: Arc::clone(&self.known), publisher: self.publisher.clone() }
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
        json!({
            "book": self.book,
            "connections": stats.connections,
            "messages": stats.messages,
            "wakeups": stats.wakeups,
            "eagains": stats.eagains,
            "bytes": stats.bytes_in + stats.bytes_out,
        })
        .to_string()
    }
}

// ANCHOR: pages
impl Service for Pages {
    fn respond(&mut self, request: &Request<'_>) -> Response {
        let asks = matches!(request.method(), Method::Get | Method::Head);
        match (request.path(), request.path().strip_prefix("/lab/")) {
            ("/events" | "/exercises", _) if !asks => Response::allows("GET, HEAD, OPTIONS", request),
            ("/events", _) => Response::events(&self.events),
            ("/exercises", _) => self.exercises(),
            (_, Some(name)) => self.ask_again(name, request),
            _ => self.assets.respond(request),
        }
    }
}
// ANCHOR_END: pages

impl Pages {
    /// How all exercises stand, and what the engine is made of: nothing that another site's page must not see.
    fn exercises(&self) -> Response {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let exercises: Value = known.exercises.values().cloned().collect();
        let all = json!({ "exercises": exercises, "blocks": known.blocks });
        let body = Body::Bytes(all.to_string().into_bytes().into());
        // Who goes back to a page wants to know how things stand now.
        Response::with(Status::Ok, "application/json", body).field("Cache-Control", "no-store")
    }

    /// Has an experiment run again. The answer is an event, `lab`, for all pages that listen.
    fn ask_again(&self, name: &str, request: &Request<'_>) -> Response {
        // A page of another site can make a browser send a POST here, but not with a header of its own; and a name
        // that somebody else has pointed to this machine is not one of ours.
        let ours = request.fields("X-Lab").next().is_some() && is_loopback(request.host());
        match lab::find(name) {
            None => Response::status(Status::NotFound),
            Some(_) if request.method() != Method::Post => Response::allows("POST, OPTIONS", request),
            Some(_) if !ours => Response::status(Status::Forbidden),
            Some(experiment) => match self.again.try_send(experiment.name) {
                Ok(()) => Response::new(Status::NoContent),
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    Response::text(Status::ServiceUnavailable, "the lab is busy; try again in a moment")
                }
            },
        }
    }
}

/// Whether a `Host` is this machine, by a name that nobody can point elsewhere.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// Runs experiments, one after the other, until the server ends.
fn run_again(names: &Receiver<&'static str>, publisher: &Publisher) {
    for name in names {
        let answer = match recorder::record(Path::new(THIS_PROGRAM), name) {
            Ok(experiment) => json!({ "name": name, "transcript": experiment.transcript }),
            Err(why) => json!({ "name": name, "failed": why }),
        };
        // A page that does not listen now is told so by itself, when it does.
        let _ = publisher.publish(&Event::named("lab", &answer.to_string()));
    }
}

fn assets(site: &Site) -> Assets {
    let mut assets = Assets::new();
    for (path, file) in site.iter() {
        assets.insert_as(file.content_type, path, file.bytes.as_slice());
    }
    assets
}
