//! A mail server that takes every letter and remembers it, however often its sender dies.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use guichet::domain::document::Sha256;

/// Hashes of the letters taken, by Message-ID; one entry per time it came.
pub type Letters = Arc<Mutex<BTreeMap<String, Vec<Sha256>>>>;

/// Starts it; gives its port and what it takes. It ends with the test's process.
pub fn start() -> (u16, Letters) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let letters = Letters::default();
    let taken = Arc::clone(&letters);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let taken = Arc::clone(&taken);
            // A sender that dies ends its own conversation only.
            std::thread::spawn(move || serve(stream, &taken));
        }
    });
    (port, letters)
}

fn serve(mut stream: TcpStream, taken: &Letters) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    stream.write_all(b"220 ready\r\n").ok()?;
    while let Some(Ok(line)) = lines.next() {
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").ok()?;
                let letter = letter(&mut lines)?;
                let id = letter.lines().find_map(|line| line.strip_prefix("Message-ID: "))?.trim().to_owned();
                taken.lock().unwrap().entry(id).or_default().push(Sha256::of(letter.as_bytes()));
                b"250 taken\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(reply).ok()?;
    }
    Some(())
}

/// All of a letter; `None` when its sender died before the final dot.
fn letter(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Option<String> {
    let mut letter = String::new();
    loop {
        let line = lines.next()?.ok()?;
        if line == "." {
            return Some(letter);
        }
        letter.push_str(&line);
        letter.push('\n');
    }
}
