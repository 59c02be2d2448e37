//! How long a review of two templates takes in a warm process, for each pair of files given: one line with two
//! figures in milliseconds at the median, from the texts and from the parsed templates. `script/bench` runs it:
//!
//!     cargo bench --package domain --features template --bench review -- OLD NEW [OLD NEW …]

// What can't be measured stops here, and says where.
#![allow(clippy::unwrap_used)]

use domain::access::{Access, AccessReview, review};
use domain::template::{Context, Template, parse, resolve, tell_apart};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// As in the server's own binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 51;

fn compare(before: &Template, after: &Template) -> AccessReview {
    let context = Context::unknown();
    let (old, new) = rayon::join(|| resolve(before, &context), || resolve(after, &context));
    let (old, mut new) = (old.unwrap(), new.unwrap());
    tell_apart((before, &context, &old), (after, &context, &mut new));
    let (before, after) = rayon::join(move || Access::read(&old), move || Access::read(&new));
    review(&before, &after)
}

fn median(mut once: impl FnMut() -> AccessReview) -> Duration {
    let mut took: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            black_box(once());
            began.elapsed()
        })
        .collect();
    took.sort();
    took[ROUNDS / 2]
}

fn main() {
    // cargo adds flags of its own.
    let files: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    for pair in files.chunks_exact(2) {
        let texts: Vec<_> = pair
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        let read = |side: usize| parse(&pair[side], &texts[side]).unwrap();
        let (before, after) = (read(0), read(1));
        let whole = median(|| {
            let (before, after) = rayon::join(|| read(0), || read(1));
            compare(&before, &after)
        });
        let parsed = median(|| compare(&before, &after));
        println!(
            "{:.2} {:.2}",
            whole.as_secs_f64() * 1000.0,
            parsed.as_secs_f64() * 1000.0
        );
    }
}
