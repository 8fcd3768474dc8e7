//! The link of a recorded network: who answers ARP and neighbour questions, until the cable is pulled.

use super::{Ledger, Recorded, Sent, note};
use crate::{
    network::{Link, Neighbour, Pending, speakers},
    scope::Cidr,
};
use rundgang_wire::ndp;
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::mpsc;

/// The link of a recorded network.
pub(super) struct PlayedLink {
    pub(super) hosts: Arc<BTreeMap<IpAddr, Recorded>>,
    pub(super) own: Vec<IpAddr>,
    pub(super) ledger: Ledger,
    pub(super) heard_by: mpsc::UnboundedSender<Neighbour>,
    pub(super) heard: mpsc::UnboundedReceiver<Neighbour>,
    pub(super) questions: Arc<AtomicUsize>,
}

impl PlayedLink {
    fn answer(&self, recorded: &Recorded) {
        if let Some(mac) = recorded.host.mac.filter(|_| recorded.lives(&self.ledger)) {
            self.heard_by.send(Neighbour { ip: recorded.host.ip, mac }).ok();
        }
    }
}

impl Link for PlayedLink {
    fn ask(&mut self, ip: Ipv4Addr) -> io::Result<()> {
        let left = self.questions.load(Ordering::Relaxed);
        if left == 0 {
            self.heard.close();
            return Ok(());
        }
        self.questions.store(left - 1, Ordering::Relaxed);
        note(&self.ledger, Sent::Asked(ip.into()));
        if let Some(recorded) =
            self.hosts.get(&IpAddr::from(ip)).filter(|recorded| recorded.hears(&self.ledger))
        {
            self.answer(recorded);
        }
        Ok(())
    }

    fn ask_group(&mut self, group: Ipv6Addr, networks: &[Cidr]) -> io::Result<()> {
        if !self.own.is_empty() {
            speakers(self.own.iter().copied(), networks)?;
        }
        note(&self.ledger, Sent::Echo(group.into()));
        for recorded in self.hosts.values() {
            let IpAddr::V6(ip) = recorded.host.ip else { continue };
            let is_asked = group == ndp::ALL_NODES || group == ndp::solicited_node(ip);
            if is_asked && networks.iter().any(|network| network.contains(ip.into())) {
                self.answer(recorded);
            }
        }
        Ok(())
    }

    fn heard(&mut self) -> Pending<'_, Option<Neighbour>> {
        Box::pin(self.heard.recv())
    }
}
