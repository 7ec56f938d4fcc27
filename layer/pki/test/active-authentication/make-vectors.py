"""Answers of Active Authentication, made without @mmf/pki: Python integers for RSA (ISO/IEC 9796-2 scheme 1), `cryptography` for keys and ECDSA."""
import hashlib, json, secrets
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

def tlv(tag, content):
    n = len(content)
    length = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82]) + n.to_bytes(2, 'big')
    return bytes([tag]) + length + content

def spki(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

def oid(text):
    parts = [int(p) for p in text.split('.')]
    out = [40 * parts[0] + parts[1]] if parts[0] < 2 else [80 + parts[1]]
    body = b''
    for value in ([out[0]] + parts[2:]):
        chunk = [value & 0x7f]
        while value > 127:
            value >>= 7
            chunk.insert(0, 0x80 | (value & 0x7f))
        body += bytes(chunk)
    return tlv(6, body)

cases = []
trailer = {'sha1': b'\xbc', 'sha224': b'\x38\xcc', 'sha256': b'\x34\xcc', 'sha384': b'\x36\xcc', 'sha512': b'\x35\xcc'}
for bits in (1024, 1536, 2048):
    key = rsa.generate_private_key(65537, bits)
    n, d = key.public_key().public_numbers().n, key.private_numbers().d
    for name in trailer:
        challenge = secrets.token_bytes(8)
        k = bits // 8
        m1 = secrets.token_bytes(k - 1 - hashlib.new(name).digest_size - len(trailer[name]))
        f = b'\x6a' + m1 + hashlib.new(name, m1 + challenge).digest() + trailer[name]
        s = pow(int.from_bytes(f, 'big'), d, n)
        ways = {'B.6': s}
        if bits == 1024: ways['B.4'] = min(s, n - s)
        if bits == 1024: ways['complement'] = n - s
        for way, value in ways.items():
            cases.append({'name': f'RSA-{bits} {name} {way}', 'dg15': tlv(0x6f, spki(key)).hex(), 'challenge': challenge.hex(), 'response': value.to_bytes(k, 'big').hex()})
plain = {'SHA224': 2, 'SHA256': 3, 'SHA384': 4, 'SHA512': 5}
for curve, hash in ((ec.SECP224R1, 'SHA224'), (ec.SECP256R1, 'SHA256'), (ec.BrainpoolP256R1, 'SHA224'), (ec.BrainpoolP384R1, 'SHA384'), (ec.SECP521R1, 'SHA512')):
    key = ec.generate_private_key(curve())
    challenge = secrets.token_bytes(8)
    r, s = decode_dss_signature(key.sign(challenge, ec.ECDSA(getattr(hashes, hash)())))
    size = (key.curve.key_size + 7) // 8
    info = tlv(0x30, oid('2.23.136.1.1.5') + tlv(2, b'\x01') + oid(f'0.4.0.127.0.7.1.1.4.1.{plain[hash]}'))
    other = tlv(0x30, oid('0.4.0.127.0.7.2.2.3.2.2') + tlv(2, b'\x01'))
    cases.append({'name': f'{curve.name} {hash.lower()}', 'dg15': tlv(0x6f, spki(key)).hex(), 'dg14': tlv(0x6e, tlv(0x31, other + info)).hex(), 'challenge': challenge.hex(), 'response': (r.to_bytes(size, 'big') + s.to_bytes(size, 'big')).hex()})
print(json.dumps({'provenance': 'make-vectors.py in this folder', 'cases': cases}, indent=2))
