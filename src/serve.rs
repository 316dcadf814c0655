//! Serving connections: with a bound on how long a request's head may take, and with an end that
//! lets requests under way finish. axum's own loop knows no such bound.

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The head of a request, from the end of the one before; so long a connection may be idle.
    pub(crate) head: Duration,
    /// Requests that are under way when the end comes.
    pub(crate) end: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            end: Duration::from_secs(5),
        }
    }
}

/// Serves `router` until `stop` is done, and then until no request is under way, or for as long as
/// they may take.
pub(crate) async fn run(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    patience: Patience,
) {
    let builder = builder(patience.head);
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        let connection = Connection {
            builder: builder.clone(),
            router: router.clone(),
            peer,
            watcher: graceful.watcher(),
            head: patience.head,
        };
        tokio::spawn(connection.serve(stream));
    }
    drop(listener);
    if tokio::time::timeout(patience.end, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
    }
}

fn builder(head: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head);
    // Here a silent client is asked whether it is still there.
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(head)
        .keep_alive_timeout(head);
    builder
}

/// The next connection. What goes wrong with one that is to come is its client's business; what
/// goes wrong here, as when there are too many open files, may pass.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset => {}
                _ => {
                    tracing::error!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
        }
    }
}

/// A connection that came in.
struct Connection {
    builder: Builder<TokioExecutor>,
    router: Router,
    peer: SocketAddr,
    watcher: Watcher,
    head: Duration,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let arrived = Arc::new(AtomicBool::new(false));
        let (router, peer, first) = (self.router, self.peer, arrived.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            first.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let served = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut served = pin!(self.watcher.watch(served));
        // Before it has told its version, neither version's own bound counts for a connection.
        let done = tokio::select! {
            done = &mut served => done,
            () = tokio::time::sleep(self.head) => {
                if !arrived.load(Ordering::Relaxed) {
                    return;
                }
                served.await
            }
        };
        if let Err(error) = done {
            tracing::debug!(%error, "a connection broke off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use menshen_domain::Clock as _;
    use menshen_services::clock::SystemClock;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream as Client;
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    const HEAD: Duration = Duration::from_millis(400);
    /// What takes longer than this does not come at all. Machines may be slow.
    const LONGEST: Duration = Duration::from_secs(30);
    /// Longer than any test: what is bound by this ends for another reason, if it ends.
    const NEVER: Duration = Duration::from_secs(300);
    const PING: &str = "GET /ping HTTP/1.1\r\nhost: x\r\n\r\n";
    const SLOW: &str = "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";

    /// A request that is answered when the test says so.
    #[derive(Default)]
    struct Slow {
        begun: Notify,
        may_end: Notify,
    }

    impl Slow {
        async fn answer(self: Arc<Self>) -> &'static str {
            self.begun.notify_one();
            self.may_end.notified().await;
            "done at last"
        }

        async fn begins(&self) {
            let begun = timeout(LONGEST, self.begun.notified()).await;
            begun.expect("a request");
        }
    }

    struct Site {
        address: SocketAddr,
        slow: Arc<Slow>,
        stop: oneshot::Sender<()>,
        ended: JoinHandle<()>,
    }

    impl Site {
        async fn start(patience: Patience) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let slow = Arc::<Slow>::default();
            let answering = slow.clone();
            let router = Router::new()
                .route("/ping", get(async || "pong"))
                .route(
                    "/peer",
                    get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()),
                )
                .route("/slow", get(move || answering.answer()));
            let (stop, stopped) = oneshot::channel();
            let stopped = async move { drop(stopped.await) };
            let ended = tokio::spawn(run(listener, router, stopped, patience));
            Self {
                address,
                slow,
                stop,
                ended,
            }
        }

        /// Sends `text`, and waits until the server ends the connection: what it said, and after
        /// how long.
        async fn say(&self, text: &'static str) -> (String, Duration) {
            let began = SystemClock.now();
            let mut client = self.connect();
            tokio::task::spawn_blocking(move || {
                client.write_all(text.as_bytes()).expect("written");
                // HTTP/2 answers in frames, which are no text.
                let mut said = Vec::new();
                client.read_to_end(&mut said).expect("an end");
                let said = String::from_utf8_lossy(&said).into_owned();
                (said, SystemClock.now().since(began))
            })
            .await
            .expect("no panic")
        }

        fn connect(&self) -> Client {
            let client = Client::connect(self.address).expect("connected");
            client.set_read_timeout(Some(LONGEST)).expect("set");
            client
        }

        async fn stop(self) {
            self.stop.send(()).expect("running");
            let ended = timeout(LONGEST, self.ended).await;
            ended.expect("an end").expect("no panic");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_head_that_does_not_come_to_its_end_is_waited_for_no_longer() {
        let (head, end) = (HEAD, NEVER);
        let site = Site::start(Patience { head, end }).await;
        for begun in [
            "",
            "P",
            "PRI * HT",
            "GET /ping HTTP/1.1\r\nhost: x\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ] {
            // The client would not wait for ever either.
            let (_, took) = site.say(begun).await;
            // The clocks of the two may differ by a hair.
            assert!(took >= HEAD * 9 / 10, "{begun}: {took:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_connection_is_kept_for_more_requests_and_long_ones_are_not_cut() {
        // Long enough for a slow client to send its head within it.
        let (head, end) = (5 * HEAD, NEVER);
        let site = Site::start(Patience { head, end }).await;
        let slow = site.slow.clone();
        let letting_go = tokio::spawn(async move {
            slow.begins().await;
            tokio::time::sleep(head * 3 / 2).await;
            slow.may_end.notify_one();
        });
        let twice = "GET /slow HTTP/1.1\r\nhost: x\r\n\r\nGET /peer HTTP/1.1\r\nhost: x\r\n\r\n";
        let (said, _) = site.say(twice).await;
        assert!(said.contains("done at last"), "{said}");
        assert!(said.ends_with("127.0.0.1"), "{said}");
        letting_go.await.expect("no panic");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_end_waits_for_requests_and_not_for_idle_connections() {
        let (head, end) = (NEVER, NEVER);
        let site = Site::start(Patience { head, end }).await;
        let untouched = site.connect();
        let mut idle = site.connect();
        idle.write_all(PING.as_bytes()).expect("written");
        let mut answer = [0; 12];
        idle.read_exact(&mut answer).expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 200");
        let mut client = site.connect();
        client.write_all(SLOW.as_bytes()).expect("written");
        let slow = site.slow.clone();
        slow.begins().await;
        let stopping = tokio::spawn(site.stop());
        tokio::time::sleep(HEAD / 2).await;
        assert!(!stopping.is_finished(), "a request is under way");
        slow.may_end.notify_one();
        stopping.await.expect("the end");
        let mut said = String::new();
        client.read_to_string(&mut said).expect("an end");
        assert!(said.ends_with("done at last"), "{said}");
        drop(untouched);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_end_does_not_wait_for_ever() {
        let (head, end) = (NEVER, HEAD / 4);
        let site = Site::start(Patience { head, end }).await;
        let mut client = site.connect();
        client.write_all(SLOW.as_bytes()).expect("written");
        site.slow.begins().await;
        site.stop().await;
    }
}
