//! How many connections may stand at once, and how long one that says nothing: so that one stranger cannot use up
//! what a process may open, and lock out everybody else.

use axum::serve::Listener;
use std::{
    collections::HashMap,
    hash::Hash,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep, sleep},
};
use tonic::transport::server::Connected;

/// Connections to the pages at once.
const PAGES: usize = 256;
/// Of these from one address beyond this machine; a proxy on this machine stands for many people.
const PAGES_OF_ONE: usize = 64;
/// How long a visitor of the pages may be silent before the connection is closed.
const SILENCE: Duration = Duration::from_secs(60);

/// Seats for connections: so many in all, and so many for each guest.
pub(crate) struct Seats<K> {
    in_all: usize,
    each: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Eq + Hash + Clone> Seats<K> {
    /// No seat is taken.
    pub(crate) fn new(in_all: usize, each: usize) -> Self {
        Self { in_all, each, taken: Arc::default() }
    }

    /// A seat for this guest, if one is free.
    pub(crate) fn take(&self, guest: K) -> Option<Seat<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&guest).copied().unwrap_or(0);
        if own >= self.each || taken.values().sum::<usize>() >= self.in_all {
            return None;
        }
        taken.insert(guest.clone(), own + 1);
        Some(Seat { guest, taken: self.taken.clone() })
    }
}

/// A seat, free again when it is dropped.
pub(crate) struct Seat<K: Eq + Hash> {
    guest: K,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.guest) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(&self.guest)),
        }
    }
}

/// Whom an address stands for: an IPv6 guest has a whole /64 to choose from.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four => four,
    }
}

/// When a connection ends by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// Never: the guest has proven who it is.
    Open,
    /// So long after its beginning.
    After(Duration),
    /// As soon as it has been silent for so long.
    Silent(Duration),
}

/// A connection with its seat and its end.
pub(crate) struct Held<S> {
    stream: S,
    end: Option<Pin<Box<Sleep>>>,
    // How long silence may last; `None` where the end is fixed.
    silence: Option<Duration>,
    _seat: Box<dyn Send>,
}

impl<S> Held<S> {
    pub(crate) fn new(stream: S, seat: impl Send + 'static, until: Until) -> Self {
        let (end, silence) = match until {
            Until::Open => (None, None),
            Until::After(patience) => (Some(Box::pin(sleep(patience))), None),
            Until::Silent(patience) => (Some(Box::pin(sleep(patience))), Some(patience)),
        };
        Self { stream, end, silence, _seat: Box::new(seat) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Held<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(end) = &mut self.end
            && end.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.heard();
        Poll::Ready(read)
    }
}

impl<S> Held<S> {
    /// Something came or went: silence begins anew.
    fn heard(&mut self) {
        if let (Some(end), Some(patience)) = (&mut self.end, self.silence) {
            end.as_mut().reset(Instant::now() + patience);
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Held<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        self.heard();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: Connected> Connected for Held<S> {
    type ConnectInfo = S::ConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

/// The door of the pages: a listener whose connections have seats and end with silence.
pub(crate) struct PageDoor {
    listener: TcpListener,
    seats: Seats<IpAddr>,
    of_this_machine: Seats<()>,
}

impl PageDoor {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener, seats: Seats::new(PAGES, PAGES_OF_ONE), of_this_machine: Seats::new(PAGES, PAGES) }
    }

    fn seat(&self, address: IpAddr) -> Option<Box<dyn Send>> {
        fn boxed(seat: impl Send + 'static) -> Box<dyn Send> {
            Box::new(seat)
        }
        if address.to_canonical().is_loopback() {
            self.of_this_machine.take(()).map(boxed)
        } else {
            self.seats.take(neighbourhood(address)).map(boxed)
        }
    }
}

impl Listener for PageDoor {
    type Io = Held<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // Never fails: out of file descriptors, axum's listener logs it and waits for standing ones to end.
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            match self.seat(peer.ip()) {
                Some(seat) => return (Held::new(stream, seat, Until::Silent(SILENCE)), peer),
                None => tracing::debug!(%peer, "the pages have no free seat"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

#[cfg(test)]
mod tests {
    //! Time passes here only on tokio's paused clock, which jumps to the next timer: no test waits.

    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::interval;

    #[test]
    fn seats_are_few_for_one_and_free_again() {
        let seats = Seats::new(3, 2);
        let first = seats.take("a").expect("a seat");
        let _second = seats.take("a").expect("a second seat");
        assert!(seats.take("a").is_none(), "two for each");
        let _third = seats.take("b").expect("a seat for another guest");
        assert!(seats.take("c").is_none(), "three in all");
        drop(first);
        assert!(seats.take("c").is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_guest() {
        let check = |address: &str, expected: &str| {
            assert_eq!(neighbourhood(address.parse().unwrap()), expected.parse::<IpAddr>().unwrap());
        };
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
        check("192.0.2.1", "192.0.2.1");
        check("::ffff:192.0.2.1", "192.0.2.1");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_say_who_it_is_has_to_go() {
        let seats = Seats::new(1, 1);
        let (mut guest, ours) = duplex(64);
        let mut held = Held::new(ours, seats.take("a").unwrap(), Until::After(Duration::from_secs(30)));
        let talking = tokio::spawn(async move {
            let mut every = interval(Duration::from_secs(1));
            while guest.write_all(b"x").await.is_ok() {
                every.tick().await;
            }
        });
        let mut heard = Vec::new();
        let begun = Instant::now();
        let ended = held.read_to_end(&mut heard).await.expect_err("it must end");
        assert_eq!((ended.kind(), begun.elapsed().as_secs()), (io::ErrorKind::TimedOut, 30));
        drop(held);
        assert!(seats.take("b").is_some(), "its seat is free");
        talking.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn only_silence_ends_a_visit_of_the_pages() {
        let (mut guest, ours) = duplex(64);
        let mut held = Held::new(ours, (), Until::Silent(Duration::from_secs(60)));
        let talking = tokio::spawn(async move {
            let mut every = interval(Duration::from_secs(50));
            for _ in 0..5 {
                every.tick().await;
                guest.write_all(b"x").await.unwrap();
            }
            std::future::pending::<()>().await;
        });
        let begun = Instant::now();
        let ended = held.read_to_end(&mut Vec::new()).await.expect_err("it must end");
        assert_eq!((ended.kind(), begun.elapsed().as_secs()), (io::ErrorKind::TimedOut, 4 * 50 + 60));
        talking.abort();
    }
}
