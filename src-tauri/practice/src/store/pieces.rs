//! Reading an object's bytes back as a stream of large chunks, whatever pieces they lie in.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::store::StoreError;
use crate::store::bodies::Bodies;
use crate::store::leases::Lease;
use crate::store::objects::Piece;

const CHUNK_BYTES: u64 = 512 * 1024;

struct Run {
    body: Option<String>,
    from: u64,
    left: u64,
}

/// What is still to be read, and the file that is open.
struct Reader {
    bodies: Bodies,
    runs: std::vec::IntoIter<Run>,
    run: Option<(Run, Option<File>)>,
    _lease: Lease,
}

impl Reader {
    fn read(&mut self) -> Result<Bytes, StoreError> {
        loop {
            if let Some((run, file)) = &mut self.run
                && run.left > 0
            {
                let length = usize::try_from(run.left.min(CHUNK_BYTES)).unwrap_or(usize::MAX);
                run.left -= length as u64;
                let mut chunk = Vec::new();
                match file {
                    None => chunk.resize(length, 0),
                    Some(file) => {
                        chunk.reserve_exact(length);
                        let read = file.take(length as u64).read_to_end(&mut chunk)?;
                        if read < length {
                            return Err(StoreError::File(std::io::ErrorKind::UnexpectedEof.into()));
                        }
                    }
                }
                return Ok(Bytes::from(chunk));
            }
            let Some(run) = self.runs.next() else { return Ok(Bytes::new()) };
            let file = match &run.body {
                None => None,
                Some(name) => {
                    let mut file = self.bodies.file(name)?;
                    file.seek(SeekFrom::Start(run.from))?;
                    Some(file)
                }
            };
            self.run = Some((run, file));
        }
    }
}

type Reading = JoinHandle<(Reader, Result<Bytes, StoreError>)>;

/// The next chunk is read while the last one is sent.
pub struct PieceStream {
    reading: Option<Reading>,
    left: u64,
}

impl PieceStream {
    /// The bytes of `range` out of the pieces in their order, which the lease keeps there.
    pub fn new(bodies: &Bodies, pieces: &[Piece], range: Range<u64>, lease: Lease) -> Self {
        let mut runs = Vec::new();
        let mut start = 0;
        for piece in pieces {
            let end = start + piece.size;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                runs.push(Run { body: piece.body.clone(), from: from - start, left: to - from });
            }
            start = end;
        }
        let left = runs.iter().map(|run| run.left).sum();
        let reader = Reader { bodies: bodies.clone(), runs: runs.into_iter(), run: None, _lease: lease };
        let reading = (left > 0).then(|| spawn_read(reader));
        Self { reading, left }
    }
}

fn spawn_read(mut reader: Reader) -> Reading {
    spawn_blocking(move || {
        let chunk = reader.read();
        (reader, chunk)
    })
}

impl Stream for PieceStream {
    type Item = Result<Bytes, StdError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(reading) = &mut this.reading else { return Poll::Ready(None) };
        let done = ready!(Pin::new(reading).poll(context));
        this.reading = None;
        let (reader, chunk) = match done {
            Ok(done) => done,
            Err(error) => return Poll::Ready(Some(Err(Box::new(error)))),
        };
        match chunk {
            Ok(chunk) => {
                this.left = this.left.saturating_sub(chunk.len() as u64);
                if this.left > 0 {
                    this.reading = Some(spawn_read(reader));
                }
                Poll::Ready(Some(Ok(chunk)))
            }
            Err(error) => Poll::Ready(Some(Err(Box::new(error)))),
        }
    }
}

impl ByteStream for PieceStream {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(usize::try_from(self.left).unwrap_or(usize::MAX))
    }
}
