//! The pace measured with paused time: what would have gone out in any second and any tenth of one.

use super::*;

/// The largest number of moments within any window of this length.
fn most_within(moments: &[Instant], window: Duration) -> usize {
    let mut moments = moments.to_vec();
    moments.sort();
    (0..moments.len())
        .map(|first| moments[first..].iter().take_while(|&&m| m < moments[first] + window).count())
        .max()
        .unwrap_or(0)
}

const SECOND: Duration = Duration::from_secs(1);

async fn send(pacer: &Arc<Pacer>, hosts: u8, each: usize, what: Begin) -> Vec<(IpAddr, Instant)> {
    let mut tasks = tokio::task::JoinSet::new();
    for host in 1..=hosts {
        let (pacer, ip) = (pacer.clone(), IpAddr::from([10, 0, 0, host]));
        for _ in 0..each {
            let pacer = pacer.clone();
            tasks.spawn(async move {
                let turn = pacer.begin(Some(ip), what).await;
                let at = Instant::now();
                drop(turn);
                (ip, at)
            });
        }
    }
    tasks.join_all().await
}

#[tokio::test(start_paused = true)]
async fn polite_datagrams_keep_ten_a_second_per_host_and_a_hundred_in_all() {
    let pacer = Arc::new(Pacer::new(Pace::Polite.limits(), 7));
    let begun = Instant::now();
    let sent = send(&pacer, 30, 12, Begin::Datagram).await;
    let all: Vec<_> = sent.iter().map(|&(_, at)| at).collect();
    assert!(most_within(&all, SECOND) <= 100, "{}", most_within(&all, SECOND));
    for host in 1..=30 {
        let ip = IpAddr::from([10, 0, 0, host]);
        let one: Vec<_> = sent.iter().filter(|(to, _)| *to == ip).map(|&(_, at)| at).collect();
        assert!(most_within(&one, SECOND) <= 10, "{}", most_within(&one, SECOND));
    }
    // 360 datagrams at (nearly) 100 a second: the limit is kept without dawdling.
    assert!(begun.elapsed() < SECOND * 5, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn polite_questions_keep_fifty_a_second() {
    let pacer = Pacer::new(Pace::Polite.limits(), 7);
    let mut moments = Vec::new();
    for _ in 0..300 {
        drop(pacer.begin(None, Begin::Question).await);
        moments.push(Instant::now());
    }
    assert!(most_within(&moments, SECOND) <= 50, "{}", most_within(&moments, SECOND));
    assert!(moments[299] - moments[0] < SECOND * 7);
}

#[tokio::test(start_paused = true)]
async fn frames_keep_forty_a_second_and_twenty_in_a_tenth_per_host() {
    let pacer = Arc::new(Pacer::new(Pace::Polite.limits(), 7));
    let sent = send(&pacer, 1, 200, Begin::Frames(1)).await;
    let moments: Vec<_> = sent.iter().map(|&(_, at)| at).collect();
    assert!(most_within(&moments, SECOND) <= 40, "{}", most_within(&moments, SECOND));
    assert!(most_within(&moments, SECOND / 10) <= 20, "{}", most_within(&moments, SECOND / 10));
    let sent = send(&pacer, 30, 40, Begin::Frames(1)).await;
    let moments: Vec<_> = sent.iter().map(|&(_, at)| at).collect();
    assert!(most_within(&moments, SECOND) <= 200, "{}", most_within(&moments, SECOND));
}

/// Every server stands still for five seconds at a time (a busy machine, a cell of a WLAN) and then answers everything at
/// once: what was paid for long ago leaves in one heap, and still keeps the limits.
#[tokio::test(start_paused = true)]
async fn answers_that_come_in_a_heap_keep_the_limits() {
    let pacer = Arc::new(Pacer::new(Pace::Polite.limits(), 7));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..160_u8 {
        let (pacer, ip) = (pacer.clone(), IpAddr::from([10, 0, 0, number % 40]));
        tasks.spawn(async move {
            let _place = pacer.place(ip).await;
            let mut left = Vec::new();
            drop(pacer.begin(Some(ip), Begin::Connection).await);
            left.push(Instant::now());
            drop(pacer.begin(Some(ip), Begin::Frames(3)).await);
            drop(pacer.begin(Some(ip), Begin::Datagram).await);
            drop(pacer.begin(Some(ip), Begin::Frames(5)).await);
            left.push(Instant::now());
            let moved = begun.elapsed().as_secs() / 5 + 1;
            tokio::time::sleep_until(begun + SECOND * 5 * u32::try_from(moved).unwrap()).await;
            // Two acknowledgements more than a polite server needs, four of its answer, FIN and the last word.
            left.extend([Instant::now(); 8]);
            left.into_iter().map(|at| (ip, at)).collect::<Vec<_>>()
        });
    }
    let sent: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let all: Vec<_> = sent.iter().map(|&(_, at)| at).collect();
    assert!(most_within(&all, SECOND) <= 200, "{}", most_within(&all, SECOND));
    for host in 0..40 {
        let ip = IpAddr::from([10, 0, 0, host]);
        let one: Vec<_> = sent.iter().filter(|(to, _)| *to == ip).map(|&(_, at)| at).collect();
        assert!(most_within(&one, SECOND) <= 40, "{}", most_within(&one, SECOND));
        assert!(most_within(&one, SECOND / 10) <= 20, "{}", most_within(&one, SECOND / 10));
    }
}

/// A machine that stands still between a turn and its sending pays from the sending on: no burst makes up for it.
#[tokio::test(start_paused = true)]
async fn a_stall_before_sending_is_not_made_up_for() {
    let pacer = Pacer::new(Pace::Polite.limits(), 7);
    let ip = IpAddr::from([10, 0, 0, 1]);
    let mut moments = Vec::new();
    for _ in 0..6 {
        let turn = pacer.begin(Some(ip), Begin::Connection).await;
        tokio::time::advance(Duration::from_millis(90)).await;
        moments.push(Instant::now());
        drop(turn);
    }
    let least = moments.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default();
    assert!(least >= Duration::from_millis(100), "{least:?} between two connections that left");
    let mut moments = Vec::new();
    for stall in [0, 700, 0, 0, 300, 0, 900, 0, 0, 0].into_iter().cycle().take(200) {
        let turn = pacer.begin(None, Begin::Question).await;
        tokio::time::advance(Duration::from_millis(stall)).await;
        moments.push(Instant::now());
        drop(turn);
    }
    assert!(most_within(&moments, SECOND) <= 50, "{}", most_within(&moments, SECOND));
}

/// A turn ends with the first step of what it was held for.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_answer_to_somebody_elses_question() {
    let pacer = Pacer::new(Pace::Polite.limits(), 7);
    let begun = Instant::now();
    let first =
        async { pacer.begin(None, Begin::Question).await.send(tokio::time::sleep(SECOND * 60)).await };
    let second = async {
        drop(pacer.begin(None, Begin::Question).await);
        begun.elapsed()
    };
    let ((), second) = tokio::join!(first, second);
    assert!(second < SECOND, "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn connections_to_one_host_keep_their_distance_and_their_number() {
    let pacer = Arc::new(Pacer::new(Pace::Polite.limits(), 7));
    let ip = IpAddr::from([10, 0, 0, 9]);
    let first = pacer.place(ip).await;
    let _second = pacer.place(ip).await;
    assert!(tokio::time::timeout(SECOND * 60, pacer.place(ip)).await.is_err(), "a third place was given");
    drop(first);
    assert!(tokio::time::timeout(SECOND, pacer.place(ip)).await.is_ok(), "the place was not given back");
    let mut moments: Vec<_> =
        send(&pacer, 1, 20, Begin::Connection).await.iter().map(|&(_, at)| at).collect();
    moments.sort();
    let least = moments.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default();
    assert!(least >= Duration::from_millis(100), "{least:?}");
}

/// The half of the frames that nothing is booked on holds what all connections may have to send late, to one host and in
/// all.
#[test]
fn at_every_pace_the_late_frames_fit_into_their_half() {
    for pace in [Pace::Polite, Pace::Fast, Pace::Max] {
        let limits = pace.limits();
        let late = |connections: usize| u32::try_from(connections).unwrap() * limits::LATE;
        assert!(late(limits.connections) <= limits.host_frames / 2, "{pace}: to one host");
        assert!(late(limits.connections_in_all()) <= limits.frames / 2, "{pace}: in all");
        assert!(
            limits.connections_in_all() >= limits.connections,
            "{pace}: one host can have its connections"
        );
    }
}

/// A knock waits for its turn at the host, and neither for the connections to other hosts nor in their way.
#[tokio::test(start_paused = true)]
async fn a_knock_takes_no_place_among_all_connections() {
    let limits = Pace::Polite.limits();
    let pacer = Pacer::new(limits, 7);
    let ip = |host: u8| IpAddr::from([10, 0, 0, host]);
    let mut held = Vec::new();
    for host in 100..120 {
        held.push(pacer.place_at(ip(host)).await);
    }
    for host in 0..u8::try_from(limits.connections_in_all()).unwrap() {
        let place = tokio::time::timeout(SECOND, pacer.place(ip(host))).await;
        held.push(place.expect("knocks are in nobody's way"));
    }
    let more = tokio::time::timeout(SECOND * 60, pacer.place(ip(200))).await;
    assert!(more.is_err(), "a place more than there are in all was given");
    for _ in 0..limits.connections {
        let place = tokio::time::timeout(SECOND, pacer.place_at(ip(200))).await;
        held.push(place.expect("a knock waits for nobody else's connections"));
    }
    let more = tokio::time::timeout(SECOND * 60, pacer.place_at(ip(200))).await;
    assert!(more.is_err(), "one knock too many at one host");
}

#[tokio::test(start_paused = true)]
async fn loss_and_resets_slow_down_and_answers_speed_up_again() {
    let pacer = Arc::new(Pacer::new(Pace::Polite.limits(), 7));
    let ip = IpAddr::from([10, 0, 0, 1]);
    let time = async |count: usize| {
        let begun = Instant::now();
        send(&pacer, 1, count, Begin::Connection).await;
        tokio::time::sleep(SECOND * 30).await;
        begun.elapsed() - SECOND * 30
    };
    let before = time(10).await;
    (0..12).for_each(|_| pacer.ended(ip, Ending::Reset));
    let during = time(10).await;
    (0..12).for_each(|_| pacer.ended(ip, Ending::Answered));
    let after = time(10).await;
    assert!(during > before * 3, "{before:?} {during:?}");
    assert!(after < before * 2, "{before:?} {after:?}");
}

#[tokio::test(start_paused = true)]
async fn the_machine_itself_is_not_slowed_down() {
    let pacer = Arc::new(Pacer::unlimited(Pace::Max.limits()));
    let begun = Instant::now();
    send(&pacer, 1, 5000, Begin::Datagram).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
}
