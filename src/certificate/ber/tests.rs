use super::*;

#[test]
fn lengths_are_written_as_der_and_read_back() {
    for (length, header) in [(0, 2), (127, 2), (128, 3), (255, 3), (256, 4), (70_000, 5)] {
        let der = write(0x30, &vec![7; length]);
        assert_eq!(der.len(), length + header);
        let (element, rest) = read(&der).unwrap();
        assert_eq!(element.content.len(), length);
        assert_eq!(element.whole, der);
        assert!(rest.is_empty());
    }
}

#[test]
fn indefinite_lengths_end_at_their_own_mark() {
    let input = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 9, 0, 0, 0, 0, 5];
    let (element, rest) = read(&input).unwrap();
    assert_eq!(element.content, &input[2..9]);
    assert_eq!(rest, [5]);
}

#[test]
fn broken_lengths_are_refused() {
    let cases: [&[u8]; 9] = [
        &[],
        &[0x30],
        &[0x30, 2, 0],
        &[0x30, 0x81],
        &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        &[0x30, 0x85, 0, 0, 0, 0, 1, 0],
        &[0x04, 0x80, 0, 0],
        &[0x30, 0x80, 0x04],
        &[0x1f, 0x81, 0x01, 0],
    ];
    for input in cases {
        assert!(read(input).is_none(), "{input:02x?}");
    }
    assert!(read(&[0x30, 0x80].repeat(100_000)).is_none());
}
