#!/usr/bin/env python3
"""Checks a proof that `redstation verify --prove` wrote, with Python's own library only.

    python3 check_proof.py proof.json [fingerprint of the hub's key]

It says which record is proven, or what is wrong, and ends with status 0 or 1.
Nothing of Red Station is used: SHA-256 and SHA-512 come from hashlib, and Ed25519
(RFC 8032) is the little arithmetic below.
"""
import base64
import hashlib
import json
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    """Adds two points of the curve in extended coordinates (RFC 8032, section 5.1.4)."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    p, q = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    r, s = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def unpack(b):
    """Decodes a point (RFC 8032, section 5.1.3)."""
    y = int.from_bytes(b, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("no point of the curve")
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def signed(public, message, signature):
    """Reports whether an Ed25519 signature is good (RFC 8032, section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    base = unpack((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, base), add(unpack(signature[:32]), times(k, unpack(public)))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def sha256(b):
    return hashlib.sha256(b).digest()


def root_of(index, size, node, path):
    """Goes from a leaf to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ValueError("leaf %d in a tree of %d" % (index, size))
    last = size - 1
    for h in path:
        if last == 0:
            raise ValueError("too many hashes")
        if index & 1 or index == last:
            node = sha256(b"\x01" + h + node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + h)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("too few hashes")
    return node


def check(proof, fingerprint):
    text, _, signatures = proof["note"].partition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    for vkey in proof["keys"]:
        name, _, rest = vkey.partition("+")
        public = base64.b64decode(rest.partition("+")[2])[1:]
        good = False
        for line in signatures.splitlines():
            dash, signer, value = line.split(" ")
            good |= signer == name and signed(public, text.encode(), base64.b64decode(value)[4:])
        if not good:
            raise ValueError("%s has not signed the checkpoint" % name)
        if fingerprint and name == "redstation-hub" and hashlib.sha256(public).hexdigest() != fingerprint:
            raise ValueError("the hub's key has another fingerprint: %s" % hashlib.sha256(public).hexdigest())
    names = [vkey.partition("+")[0] for vkey in proof["keys"]]
    if names != ["redstation/" + proof["booth"], "redstation-hub"]:
        raise ValueError("signed by %s" % names)
    if origin != "redstation/%s/%s/%s" % (proof["booth"], proof["epoch"], proof["lane"]) or int(size) != proof["tree_size"]:
        raise ValueError("the checkpoint is of another stream or size: %s, %s" % (origin, size))
    header = base64.b64decode(proof["header"])
    path = [base64.b64decode(h) for h in proof["hashes"]]
    if proof["leaf_index"] != proof["seq"] - 1 or base64.b64decode(root) != root_of(proof["leaf_index"], int(size), sha256(b"\x00" + header), path):
        raise ValueError("the record is not in the tree that was signed")
    if bytes.fromhex(proof["id"]) not in header:
        raise ValueError("the id is not that of the record")
    if "facts" in proof:
        commitment = sha256(b"redstation/facts/1\x00" + base64.b64decode(proof["facts_salt"]) + proof["facts"].encode())
        if commitment not in header:
            raise ValueError("the facts are not those of the record")
    return "record %d of %s is in the tree of %s that %s signed" % (proof["seq"], origin, size, " and ".join(names))


if __name__ == "__main__":
    try:
        with open(sys.argv[1], encoding="utf-8") as f:
            print(check(json.load(f), sys.argv[2] if len(sys.argv) > 2 else ""))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as e:
        sys.exit("not proven: %s" % e)
