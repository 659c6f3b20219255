"""Time-stamps of evidence bundles: taken over, judged where the reader trusts the authority, and forged."""

import shutil

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

import cases
from bundles import (COULD_NOT, HOME, LOG, NO, SIZE, TSA, TSA_WORDS, USAGE, authority, both_hold, check,
                     copy, found_by, note_of, prove, sum_again, verify, world)

small = prove("LA-SMALL", "small")


# --- Time-stamps --------------------------------------------------------------------------


def checked(bundle, finds, what="", by_sh=False):
    """`audit check`, and where it says so verify.sh, of who trusts the authority."""
    sum_again(bundle)
    found_by(bundle, finds, finds, what, TSA_WORDS, programs=(verify, check) if by_sh else (check,))


def case_earliest_time_stamp_that_covers_the_message_is_in_the_bundle():
    assert (small / "timestamp/checkpoint").read_text() == note_of(SIZE - 1)
    both_hold(small, "--pin", world.pin(), *TSA_WORDS)
    assert "by /CN=tsa" in check(small, *TSA_WORDS).stdout


def case_time_stamp_that_nobody_judged_is_told_as_such():
    for done in (verify(small), check(small)):
        assert "NOT JUDGED (give --tsa-ca)" in done.stdout, done.stdout


def log_stamped_at(*sizes, tsa=TSA):
    log = HOME / f"stamped-{tsa.dir.name}-{'-'.join(map(str, sizes))}"
    shutil.copytree(LOG, log)
    shutil.rmtree(log / "timestamp")
    for size in sizes:
        tsa.stamp(log, note_of(size))
    return log


def case_log_without_time_stamps_gives_a_bundle_without():
    bundle = prove("LA-SMALL", "unstamped-bundle", log=log_stamped_at())
    assert not (bundle / "timestamp").exists()
    checked(bundle, False)


def case_time_stamp_that_does_not_hold_is_passed_over():
    log = log_stamped_at(2, SIZE - 1, SIZE)
    shutil.copy(log / "timestamp/2.tsr", log / f"timestamp/{SIZE - 1}.tsr")
    bundle = prove("LA-SMALL", "badly-stamped-bundle", log=log)
    assert (bundle / "timestamp/checkpoint").read_text() == note_of(SIZE)
    checked(bundle, False)


def case_prover_who_trusts_another_authority_takes_none_of_this():
    stranger = authority.Authority(HOME / "stranger")
    bundle = prove("LA-SMALL", "strange-bundle", "--tsa-ca", stranger.ca)
    assert not (bundle / "timestamp").exists()
    for program in (verify, check):
        assert program(small, "--tsa-ca", str(stranger.ca)).returncode == NO, program


def case_bundle_whose_time_stamp_was_taken_out_holds_with_less_evidence():
    bundle = copy(small)
    shutil.rmtree(bundle / "timestamp")
    checked(bundle, False, by_sh=True)


def case_half_of_a_time_stamp_is_found():
    for name in sorted(path.name for path in (small / "timestamp").iterdir()):
        bundle = copy(small)
        (bundle / "timestamp" / name).unlink()
        checked(bundle, True, name, by_sh=name == "token.tsr")


def case_token_over_another_checkpoint_is_found():
    bundle = copy(small)
    later = prove("LA-SMALL", "later", log=log_stamped_at(SIZE))
    shutil.copy(later / "timestamp/token.tsr", bundle / "timestamp/token.tsr")
    checked(bundle, True, "another token", by_sh=True)


def case_time_stamp_over_a_checkpoint_without_the_message_is_found():
    bundle = copy(small)
    shutil.copy(LOG / "timestamp/2.checkpoint", bundle / "timestamp/checkpoint")
    shutil.copy(LOG / "timestamp/2.tsr", bundle / "timestamp/token.tsr")
    checked(bundle, True, "a checkpoint of two records")


def case_file_beside_the_time_stamp_is_found():
    bundle = copy(small)
    (bundle / "timestamp/other.tlog-proof").write_text("nothing\n")
    checked(bundle, True, "a file too much", by_sh=True)


def swap_last(path, old, new):
    """The last of these bytes in the file: in the token, that of the signer."""
    whole = path.read_bytes()
    at = whole.rindex(old)
    path.write_bytes(whole[:at] + new + whole[at + len(old):])


def case_other_name_for_the_algorithm_of_the_token_is_found():
    """It is not signed, and nobody needs it: it has to be what the key says."""
    rsa_encryption, curve = bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a8648ce3d040302")
    forged = copy(small, "renamed")
    swap_last(forged / "timestamp/token.tsr", rsa_encryption, rsa_encryption[:3] + b"\x87" + rsa_encryption[4:])
    checked(forged, True)
    tsa = authority.Authority(HOME / "curved", lambda: ec.generate_private_key(ec.SECP256R1()))
    log = log_stamped_at(SIZE, tsa=tsa)
    bundle = prove("LA-SMALL", "curved-bundle", "--tsa-ca", tsa.ca, log=log)
    for program in (verify, check):
        assert program(bundle, "--tsa-ca", str(tsa.ca)).returncode == 0, program
    swap_last(bundle / "timestamp/token.tsr", curve, curve[:-1] + b"\x03")
    sum_again(bundle)
    assert check(bundle, "--tsa-ca", str(tsa.ca)).returncode == NO


def case_changed_byte_of_a_certificate_in_the_token_is_found():
    """Also when the reader's own file holds the certificate, so that nobody needs that of the token."""
    tsa = authority.Authority(HOME / "middle", has_intermediate=True)
    middle = x509.load_pem_x509_certificate((tsa.dir / "intermediate.pem").read_bytes())
    both, roots = tsa.dir / "both.pem", tsa.ca
    both.write_bytes(roots.read_bytes() + (tsa.dir / "intermediate.pem").read_bytes())
    bundle = prove("LA-SMALL", "middle-bundle", "--tsa-ca", roots, log=log_stamped_at(SIZE, tsa=tsa))
    whole = (bundle / "timestamp/token.tsr").read_bytes()
    der = middle.public_bytes(serialization.Encoding.DER)
    at = whole.index(der)
    # Of its signature, its serial number, and the end of its validity.
    places = (len(der) - 1, der.index(middle.serial_number.to_bytes(20, "big").lstrip(b"\0")) + 3,
              der.index(middle.not_valid_after.strftime("%y%m%d%H%M%SZ").encode()) + 11)
    both_hold(bundle, "--pin", world.pin(), "--tsa-ca", str(both))
    for file in (roots, both):
        for place in places:
            forged = copy(bundle)
            other = bytearray(whole)
            other[at + place] ^= 1
            (forged / "timestamp/token.tsr").write_bytes(bytes(other))
            sum_again(forged)
            programs = (verify, check) if (file, place) == (both, places[0]) else (check,)
            found_by(forged, True, True, f"byte {place}, {file.name}", ("--tsa-ca", str(file)), programs)


def case_prover_who_judges_the_time_stamp_says_whose_it_is():
    said = world.cli("audit", "prove", "LA-SMALL", "--log", LOG, "--out", HOME / "judged", *TSA_WORDS).stdout
    assert "time-stamp" in said and "nobody judged" not in said, said
    said = world.cli("audit", "prove", "LA-SMALL", "--log", LOG, "--out", HOME / "not-judged").stdout
    assert "by an authority that nobody judged" in said, said


def case_authority_file_that_is_none_is_usage_or_could_not():
    assert verify(small, "--tsa-ca", "/nowhere").returncode == USAGE
    assert check(small, "--tsa-ca", "/nowhere").returncode == COULD_NOT


cases.run(globals())
