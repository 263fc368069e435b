use super::*;

#[test]
fn the_date_of_an_answer_is_read_whatever_its_spelling() {
    let head = "HTTP/1.1 404 Not Found\r\nServer: x\r\ndate: Tue, 03 Mar 2026 09:05:41 GMT\r\n\r\n";
    assert_eq!(
        date(head).unwrap().to_rfc3339(),
        "2026-03-03T09:05:41+00:00"
    );
    assert_eq!(date("HTTP/1.1 200 OK\r\nDate: soon\r\n\r\n"), None);
    assert_eq!(date(""), None);
}

#[test]
fn a_server_that_speaks_no_tls_is_refused_with_words() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut first = [0; 16];
        let _ = stream.read(&mut first);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let stream = TcpStream::connect(address).unwrap();
    let url = Url::parse("https://localhost/").unwrap();
    let insecure = secure(stream, &url, None).unwrap_err();
    assert!(!insecure.why.is_empty() && insecure.certificate.is_none());
    server.join().unwrap();
}

#[test]
fn a_certificate_nobody_vouches_for_is_refused_and_shown() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = Arc::new(config);
    let server = std::thread::spawn(move || {
        for _ in 0..2 {
            let (stream, _) = listener.accept().unwrap();
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut first = [0; 256];
            let _ = stream.read(&mut first);
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nDate: Tue, 03 Mar 2026 09:05:41 GMT\r\n\r\n");
            let _ = stream.flush();
        }
    });
    let url = Url::parse("https://localhost/").unwrap();
    let insecure = secure(TcpStream::connect(address).unwrap(), &url, None).unwrap_err();
    assert!(insecure.why.contains("UnknownIssuer"), "{}", insecure.why);
    assert!(insecure.certificate.is_some());

    let mut roots = tempfile::NamedTempFile::new().unwrap();
    roots.write_all(made.cert.pem().as_bytes()).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    let secured = secure(stream, &url, Some(roots.path())).unwrap();
    assert_eq!(secured.chain, 1);
    assert!(secured.version.starts_with("TLS"), "{}", secured.version);
    assert!(secured.date.is_some());
    server.join().unwrap();
}
