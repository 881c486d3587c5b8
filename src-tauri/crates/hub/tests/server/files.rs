//! The second host, where large files lie: signed addresses, ranges, and what can go wrong on the way.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::response::Builder;
use axum::http::{StatusCode, header};
use axum::response::Response;
use futures::stream::{self, StreamExt};

use super::{Fault, SIGNATURE, Server};

pub fn answer(server: &Server, request: &Request) -> Response {
    let path = request.uri().path();
    // As the real one: a token beside a signature is an error, and so is no signature.
    let signed = request
        .uri()
        .query()
        .unwrap_or_default()
        .contains(SIGNATURE);
    if request.headers().contains_key(header::AUTHORIZATION) || !signed {
        return faulty(400, &[]);
    }
    let file = server.inner().models.iter().find_map(|model| {
        let name = path.strip_prefix(&format!("/blob/{}/", model.id))?;
        model.files.iter().find(|file| file.path == name).cloned()
    });
    let Some(file) = file else {
        return faulty(404, &[]);
    };
    let fault = server.take_fault(&format!("host:{path}"));
    // S3's own ETag is not the file's hash.
    let builder = Response::builder().header(header::ETAG, "\"0-1\"");
    send(builder, &file.bytes, request, fault)
}

/// Bytes, or the range of them that was asked for, or something wrong.
pub fn send(builder: Builder, bytes: &[u8], request: &Request, fault: Option<Fault>) -> Response {
    if let Some(Fault::Status(status, headers)) = &fault {
        return faulty(*status, headers);
    }
    let mut bytes = bytes.to_vec();
    let all = bytes.len();
    let from = request
        .headers()
        .get(header::RANGE)
        .filter(|_| !matches!(fault, Some(Fault::NoRange)))
        .map(|range| {
            let range = range.to_str().unwrap();
            let (first, last) = range
                .strip_prefix("bytes=")
                .unwrap()
                .split_once('-')
                .unwrap();
            let last = last.parse().map_or(all, |last: usize| all.min(last + 1));
            (first.parse::<usize>().unwrap(), last)
        });
    let builder = match from {
        None => builder,
        Some((first, _)) if first >= all => return faulty(416, &[]),
        Some((first, end)) => {
            bytes.truncate(end);
            bytes.drain(..first);
            builder.status(StatusCode::PARTIAL_CONTENT).header(
                header::CONTENT_RANGE,
                format!("bytes {first}-{}/{all}", end - 1),
            )
        }
    };
    let builder = builder.header(header::CONTENT_LENGTH, bytes.len());
    let body = match fault {
        Some(Fault::Wrong) => {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            Body::from(bytes)
        }
        Some(Fault::Cut(after)) => {
            bytes.truncate(after);
            let broken = stream::once(async { Err(io::Error::other("cut")) });
            Body::from_stream(pieces(bytes).chain(broken))
        }
        Some(Fault::Stall(after)) => {
            bytes.truncate(after);
            Body::from_stream(pieces(bytes).chain(stream::pending()))
        }
        _ => Body::from(bytes),
    };
    builder.body(body).unwrap()
}

fn pieces(bytes: Vec<u8>) -> impl StreamExt<Item = io::Result<Bytes>> + Send + 'static {
    let pieces: Vec<_> = bytes.chunks(10_000).map(Bytes::copy_from_slice).collect();
    // A pause between the pieces, or they would leave together with the cut and be lost.
    stream::iter(pieces).then(|piece| async move {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        Ok(piece)
    })
}

pub fn faulty(status: u16, headers: &[(&'static str, String)]) -> Response {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, value);
    }
    builder.body(Body::from("refused")).unwrap()
}
