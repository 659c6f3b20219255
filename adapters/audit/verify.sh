#!/bin/sh
# Verifies the evidence bundle in this folder with openssl, coreutils and sh alone.
#
#   sh verify.sh [--pin HEX] [--tsa-ca FILE] [--unwitnessed]
#
#   --pin HEX       hash of the genesis registry, from a source you trust; without it the
#                   bundle is only consistent with itself, and the last lines say so
#   --tsa-ca FILE   certificates (PEM) of the time-stamping authority that you trust; without it
#                   a time-stamp in the bundle is not judged, and the last lines say so
#   --unwitnessed   accept a bundle that says it is not witnessed by a quorum
#
# Exit: 0 everything holds, 1 something fails (and the last line says what), 2 usage,
# 3 could not. What this script checks, and what `rivergate audit check` checks besides,
# stands in VERIFY.md.
set -u
LC_ALL=C
export LC_ALL
umask 077

SM2_ID=1234567812345678
newline='
'
exec 3>&1 # answers go here, also from within a substitution

fail() {
	printf 'FAILS: %s\n' "$*" >&3
	exit 1
}

usage() {
	printf 'verify.sh: %s\nUsage: sh verify.sh [--pin HEX] [--tsa-ca FILE] [--unwitnessed]\n' "$*" >&2
	exit 2
}

wanted_pin=
tsa_ca=
accept_unwitnessed=no
while [ $# -gt 0 ]; do
	case $1 in
	--pin)
		[ $# -ge 2 ] || usage "--pin needs a value"
		wanted_pin=$2
		shift
		;;
	--tsa-ca)
		{ [ $# -ge 2 ] && [ -f "$2" ]; } || usage "--tsa-ca needs a file"
		case $2 in
		/*) tsa_ca=$2 ;;
		*) tsa_ca=$PWD/$2 ;;
		esac
		shift
		;;
	--unwitnessed) accept_unwitnessed=yes ;;
	*) usage "unknown word '$1'" ;;
	esac
	shift
done

cd "$(dirname -- "$0")" || exit 3
openssl version >/dev/null 2>&1 || {
	printf 'verify.sh: openssl (3.0 or later) is not installed\n' >&2
	exit 3
}
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
trap 'exit 3' HUP INT TERM

# --- Bytes and texts -------------------------------------------------------------------------

size_of() {
	stat -c %s -- "$1"
}

# same A B: the two files have the same bytes.
same() {
	_sums=$(sha256sum -- "$1" "$2") || return 1
	_second=${_sums#*"$newline"}
	[ "${_sums%% *}" = "${_second%% *}" ]
}

# hash_of FILE: hex SHA-256.
hash_of() {
	_sum=$(sha256sum <"$1")
	printf '%s' "${_sum%% *}"
}

# hex_of FILE [OFFSET LENGTH]: its bytes as lower-case hex.
hex_of() {
	# shellcheck disable=SC2046 # one word a byte
	set -- $(od -An -v -tx1 -j "${2:-0}" ${3:+-N "$3"} "$1")
	printf %s "$@"
}

# byte N...: bytes by number.
byte() {
	for _byte in "$@"; do
		printf '%b' "\\0$((_byte >> 6))$((_byte >> 3 & 7))$((_byte & 7))"
	done
}

# unhex HEX: the bytes.
unhex() {
	_hex=$1
	_escaped=
	while [ -n "$_hex" ]; do
		_tail=${_hex#??}
		_byte=$((0x${_hex%"$_tail"}))
		_escaped="$_escaped\\0$((_byte >> 6))$((_byte >> 3 & 7))$((_byte & 7))"
		_hex=$_tail
	done
	printf '%b' "$_escaped"
}

# sha256: of standard input, in hex.
sha256() {
	_digest=$(sha256sum)
	printf %s "${_digest%% *}"
}

# u16 N, u32 N, u64 N: big-endian.
u16() {
	[ "$1" -le 65535 ] || fail "a length of more than 65,535 bytes"
	byte $(($1 >> 8)) $(($1 & 255))
}

u32() {
	byte $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255))
}

u64() {
	u32 $(($1 >> 32 & 4294967295))
	u32 $(($1 & 4294967295))
}

# sized FILE: uint16 length, then the bytes.
sized() {
	u16 "$(size_of "$1")"
	cat -- "$1"
}

# piece FILE OFFSET LENGTH: these bytes of it.
piece() {
	dd if="$1" bs=65536 iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none
}

# is_number TEXT: a decimal without sign or leading zeroes, of at most 18 digits.
is_number() {
	case $1 in
	'' | *[!0-9]* | 0?* | ???????????????????*) return 1 ;;
	esac
}

# unbase64 TEXT FILE: decodes; only the one canonical form is taken.
unbase64() {
	printf '%s' "$1" | base64 -d >"$2" 2>/dev/null && [ "$(base64 -w0 <"$2")" = "$1" ]
}

# is_hash64 TEXT: canonical base64 of 32 bytes: the last digit has no stray bits.
is_hash64() {
	case ${1%=} in
	*[!A-Za-z0-9+/]*) return 1 ;;
	*[AEIMQUYcgkosw048]) [ ${#1} -eq 44 ] && [ "${1%=}" != "$1" ] ;;
	*) return 1 ;;
	esac
}

# --- Protobuf --------------------------------------------------------------------------------

# varint BYTE...: sets value and used; only the shortest form is taken.
varint() {
	value=0
	used=0
	for _byte in "$@"; do
		[ "$used" -lt 10 ] || return 1
		value=$((value | (_byte & 127) << (7 * used)))
		used=$((used + 1))
		if [ "$_byte" -lt 128 ]; then
			[ "$_byte" -ne 0 ] || [ "$used" -eq 1 ]
			return
		fi
	done
	return 1
}

# fields FILE: writes FILE.fields, a line for each field: number, offset and length, or
# number, the word = and the value. Fields must ascend, as in every canonical message.
fields() {
	_file=$1
	_position=0
	_last=1
	_end=$(size_of "$1")
	set --
	while [ "$_position" -lt "$_end" ]; do
		if [ $# -lt 20 ] && [ $# -lt $((_end - _position)) ]; then
			# shellcheck disable=SC2046 # one word a byte
			set -- $(od -An -v -tu1 -j "$_position" -N 4096 "$_file")
		fi
		varint "$@" || fail "$_file: not a canonical message"
		shift "$used"
		_position=$((_position + used))
		_number=$((value >> 3))
		_wire=$((value & 7))
		[ "$_number" -ge "$_last" ] || fail "$_file: fields out of order"
		_last=$_number
		varint "$@" || fail "$_file: not a canonical message"
		shift "$used"
		_position=$((_position + used))
		case $_wire in
		0) printf '%d = %d\n' "$_number" "$value" ;;
		2)
			{ [ "$value" -ge 0 ] && [ "$value" -le $((_end - _position)) ]; } ||
				fail "$_file: a length beyond the end"
			printf '%d %d %d\n' "$_number" "$_position" "$value"
			_position=$((_position + value))
			if [ "$value" -le $# ]; then
				shift "$value"
			else
				set --
			fi
			;;
		*) fail "$_file: a field of an unknown form" ;;
		esac
	done >"$_file.fields"
}

# get FILE NUMBER [NTH]: sets at and len, or at to = and len to the value. Returns 1: absent.
get() {
	_nth=${3:-1}
	while read -r _number at len; do
		[ "$_number" = "$2" ] || continue
		_nth=$((_nth - 1))
		[ "$_nth" -gt 0 ] || return 0
	done <"$1.fields"
	return 1
}

# take FILE NUMBER NTH OUT: the bytes of a field. Returns 1: absent.
take() {
	get "$1" "$2" "$3" && [ "$at" != = ] && piece "$1" "$at" "$len" >"$4"
}

# number FILE NUMBER: prints the value of a field, 0 when absent.
number() {
	if get "$1" "$2" && [ "$at" = = ]; then
		printf '%s' "$len"
	else
		printf 0
	fi
}

# text FILE NUMBER [NTH]: prints a field that is an address, an origin or the like; empty when
# absent. Nothing but printable ASCII without spaces is taken, so that nothing hides.
text() {
	if ! get "$1" "$2" "${3:-1}" || [ "$at" = = ]; then
		return 0
	fi
	_text=$(piece "$1" "$at" "$len")
	case $_text in
	*[!!-~]*) fail "$1: field $2 holds odd characters" ;;
	esac
	[ ${#_text} -eq "$len" ] || fail "$1: field $2 holds odd characters"
	printf '%s' "$_text"
}

# --- Merkle trees (RFC 6962) -----------------------------------------------------------------

# climb INDEX SIZE NODES: hash, a leaf's in hex, becomes the head that the path leads to; NODES
# is a file with a line for each node. Returns 1: the path has the wrong length.
climb() {
	_index=$1
	_top=$(($2 - 1))
	[ "$_index" -le "$_top" ] || return 1
	while read -r _node; do
		[ "$_top" -gt 0 ] || return 1
		if [ $((_index & 1)) -eq 1 ] || [ "$_index" -eq "$_top" ]; then
			hash=$({ byte 1 && unhex "$_node$hash"; } | sha256)
			while [ $((_index & 1)) -eq 0 ] && [ "$_index" -gt 0 ]; do
				_index=$((_index >> 1))
				_top=$((_top >> 1))
			done
		else
			hash=$({ byte 1 && unhex "$hash$_node"; } | sha256)
		fi
		_index=$((_index >> 1))
		_top=$((_top >> 1))
	done <"$3"
	[ "$_top" -eq 0 ]
}

# nodes FILE: its bytes as lines of 32 bytes in hex.
nodes() {
	od -An -v -tx1 -w32 "$1" | tr -d ' '
}

# --- Keys and signatures ---------------------------------------------------------------------

# algorithm_of SPKI: prints the number of the algorithm that this public key is for.
algorithm_of() {
	case $(hex_of "$1" 0 32) in
	3059301306072a8648ce3d020106082a8648ce3d030107*) printf 1 ;;
	3076301006072a8648ce3d020106052b81040022*) printf 2 ;;
	302a300506032b6570032100*) printf 3 ;;
	3082????300d06092a864886f70d010101*) printf 4 ;;
	3059301306072a8648ce3d020106082a811ccf5501822d*) printf 5 ;;
	*) printf 0 ;;
	esac
}

# is_signed DATA SIGNATURE SPKI: by this key, with the algorithm that is the key's.
is_signed() {
	_data=$1
	_value=$2
	_key=$3
	case $(algorithm_of "$3") in
	1) set -- -sha256 ;;
	2) set -- -sha384 ;;
	3)
		openssl pkeyutl -verify -pubin -keyform DER -inkey "$_key" -rawin -in "$_data" \
			-sigfile "$_value" >/dev/null 2>&1
		return
		;;
	4)
		set -- -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 \
			-sigopt rsa_mgf1_md:sha256
		;;
	5) set -- -sm3 -sigopt "distid:$SM2_ID" ;;
	*) return 1 ;;
	esac
	openssl dgst "$@" -keyform DER -verify "$_key" -signature "$_value" "$_data" >/dev/null 2>&1
}

# ed25519_spki RAW: the SubjectPublicKeyInfo of 32 raw bytes.
ed25519_spki() {
	byte 48 42 48 5 6 3 43 101 112 3 33 0
	cat "$1"
}

# check_signature SIGNATURE SPKI CONTEXT CONTENT: a Signature message over context LF content,
# by this key. Without a batch.
check_signature() {
	fields "$1"
	[ "$(text "$1" 1)" = "$(hash_of "$2")" ] || return 1
	[ "$(number "$1" 2)" = "$(algorithm_of "$2")" ] || return 1
	take "$1" 3 1 "$work/value" || return 1
	{ printf '%s\n' "$3" && cat "$4"; } >"$work/signed"
	is_signed "$work/signed" "$work/value" "$2"
}

# --- 1. The files ----------------------------------------------------------------------------

list() {
	for _entry in "$1"* "$1".[!.]* "$1"..?*; do
		[ -e "$_entry" ] || [ -L "$_entry" ] || continue
		case $_entry in
		.* | */.* | *[!A-Za-z0-9._/-]*) fail "a file has a name that no bundle has" ;;
		esac
		[ ! -L "$_entry" ] || fail "$_entry is a link"
		case $_entry in
		*/* | MANIFEST | SHA256SUMS | VERIFY.md | certificates | checkpoint | derived | \
			log.vkey | records | timestamp | verify.sh | witnesses.vkeys) ;;
		*) fail "$_entry: a file that belongs to nothing" ;;
		esac
		if [ -d "$_entry" ]; then
			list "$_entry/"
		elif [ "$_entry" != SHA256SUMS ]; then
			printf '%s\n' "$_entry"
		fi
	done
}

list '' >"$work/list"
sort "$work/list" >"$work/sorted"
set --
while read -r file; do
	set -- "$@" "$file"
done <"$work/sorted"
sha256sum -- "$@" >"$work/sums" || fail "a file cannot be read"
same "$work/sums" SHA256SUMS ||
	fail "SHA256SUMS: a file was changed, added or removed (sha256sum -c SHA256SUMS names it)"

# --- 2. The checkpoint -----------------------------------------------------------------------

# read_vkey TEXT TYPE: a C2SP verifier key of this signature type: sets vkey_name and vkey_id,
# writes work/vkey.raw.
read_vkey() {
	vkey_name=${1%%+*}
	_rest=${1#*+}
	vkey_id=${_rest%%+*}
	case $vkey_name in
	'' | *[!!-~]*) return 1 ;;
	esac
	unbase64 "${_rest#*+}" "$work/vkey.bytes" || return 1
	[ "$(size_of "$work/vkey.bytes")" -eq 33 ] || return 1
	[ "$(hex_of "$work/vkey.bytes" 0 1)" = "$2" ] || return 1
	piece "$work/vkey.bytes" 1 32 >"$work/vkey.raw"
	_id=$({ printf '%s\n' "$vkey_name" && cat "$work/vkey.bytes"; } | sha256sum)
	[ "$vkey_id" = "$(printf '%s' "$_id" | cut -c 1-8)" ]
}

# read_signature LINE: a signature line of a note under vkey_name and vkey_id; writes
# work/sig.bytes (after the key id).
read_signature() {
	_start="$(printf '\342\200\224') $vkey_name "
	case $1 in
	"$_start"*) ;;
	*) return 1 ;;
	esac
	unbase64 "${1#"$_start"}" "$work/sig.raw" || return 1
	[ "$(hex_of "$work/sig.raw" 0 4)" = "$vkey_id" ] || return 1
	piece "$work/sig.raw" 4 4096 >"$work/sig.bytes"
}

{
	IFS= read -r origin && IFS= read -r size && IFS= read -r root && IFS= read -r empty &&
		IFS= read -r log_line
} <checkpoint || fail "checkpoint: too short"
[ -z "$empty" ] || fail "checkpoint: extension lines are not taken"
is_number "$size" || fail "checkpoint: the size is no number"
{ is_hash64 "$root" && unbase64 "$root" "$work/root"; } ||
	fail "checkpoint: the root is not 32 bytes of canonical base64"
printf '%s\n%s\n%s\n' "$origin" "$size" "$root" >"$work/note"
root=$(hex_of "$work/root")

IFS= read -r vkey <log.vkey || fail "log.vkey: not one line"
read_vkey "$vkey" 01 || fail "log.vkey: no verifier key of a log"
printf '%s\n' "$vkey" >"$work/rebuilt"
same "$work/rebuilt" log.vkey || fail "log.vkey: not exactly one line"
[ "$vkey_name" = "$origin" ] || fail "log.vkey: the key of another log"
log_id=$vkey_id
cat "$work/vkey.raw" >"$work/log.raw"
ed25519_spki "$work/log.raw" >"$work/log.spki"
read_signature "$log_line" || fail "checkpoint: its first signature is not the log's"
is_signed "$work/note" "$work/sig.bytes" "$work/log.spki" ||
	fail "checkpoint: the log's signature does not hold"

# Cosignatures (cosignature/v1): one for each line of witnesses.vkeys, in its order.
{
	cat "$work/note"
	printf '\n%s\n' "$log_line"
} >"$work/rebuilt"
n_cosigned=0
earliest=
: >"$work/witnesses"
while IFS= read -r vkey; do
	read_vkey "$vkey" 04 || fail "witnesses.vkeys: no verifier key of a witness"
	n_cosigned=$((n_cosigned + 1))
	line=
	n=0
	while IFS= read -r one; do
		n=$((n + 1))
		[ "$n" -ne $((5 + n_cosigned)) ] || line=$one
	done <checkpoint
	read_signature "$line" || fail "checkpoint: cosignature $n_cosigned is not that of $vkey_name"
	[ "$(size_of "$work/sig.bytes")" -eq 72 ] || fail "checkpoint: a cosignature has a wrong length"
	# shellcheck disable=SC2046 # one word a byte
	set -- $(od -An -v -tu1 -N 8 "$work/sig.bytes")
	[ "$1" -lt 128 ] || fail "checkpoint: a cosignature's time is out of range"
	time=0
	for one in "$@"; do
		time=$((time << 8 | one))
	done
	[ "$time" -gt 0 ] || fail "checkpoint: a cosignature's time is out of range"
	{ printf 'cosignature/v1\ntime %d\n' "$time" && cat "$work/note"; } >"$work/cosigned"
	piece "$work/sig.bytes" 8 64 >"$work/cosignature"
	ed25519_spki "$work/vkey.raw" >"$work/witness.spki"
	is_signed "$work/cosigned" "$work/cosignature" "$work/witness.spki" ||
		fail "checkpoint: the cosignature of $vkey_name does not hold"
	[ -n "$earliest" ] && [ "$earliest" -le "$time" ] || earliest=$time
	printf '%s %s\n' "$(hex_of "$work/vkey.raw")" "$vkey_name" >>"$work/witnesses"
	printf '%s\n' "$line" >>"$work/rebuilt"
	printf '%s\n' "$vkey" >>"$work/vkeys"
done <witnesses.vkeys
[ "$n_cosigned" -gt 0 ] || : >"$work/vkeys"
same "$work/vkeys" witnesses.vkeys || fail "witnesses.vkeys: not exactly one line a key"
same "$work/rebuilt" checkpoint ||
	fail "checkpoint: not in canonical form, or with lines beside the log's and its witnesses'"

# --- 3. Records ------------------------------------------------------------------------------

# folder INDEX: of a record.
folder() {
	printf 'records/%020d' "$1"
}

# check_path INDEX SIGNATURE PROOF CHECKPOINT: the tlog-proof of the record whose leaf is work/leaf,
# in its one form: sets hash to that of the leaf, writes work/nodes.
check_path() {
	{
		printf 'c2sp.org/tlog-proof@v1\nextra '
		{ sized "$(folder "$1")/meta" && sized "$2"; } | base64 -w0
		printf '\nindex %d\n' "$1"
	} >"$work/rebuilt"
	_line_number=0
	: >"$work/path"
	while IFS= read -r _line; do
		_line_number=$((_line_number + 1))
		[ "$_line_number" -gt 3 ] || continue
		[ -n "$_line" ] || break
		{ [ "$_line_number" -le 67 ] && is_hash64 "$_line"; } ||
			fail "$3: line $_line_number is not a hash in canonical base64"
		printf '%s\n' "$_line" >>"$work/path"
	done <"$3"
	cat "$work/path" >>"$work/rebuilt"
	{ printf '\n' && cat "$4"; } >>"$work/rebuilt"
	same "$work/rebuilt" "$3" ||
		fail "$3: not the canonical proof of these pieces and this checkpoint"
	base64 -d "$work/path" >"$work/path.bytes" 2>/dev/null ||
		fail "$3: not hashes in base64"
	nodes "$work/path.bytes" >"$work/nodes"
	hash=$({ byte 0 && cat "$work/leaf"; } | sha256)
}

# check_leaf INDEX TYPE BODY SIGNATURE: the leaf put together from its pieces is in the log.
check_leaf() {
	_dir=$(folder "$1")
	{
		byte 1 "$2"
		sized "$_dir/meta"
		sized "$3"
		sized "$4"
	} >"$work/leaf"
	[ "$(size_of "$work/leaf")" -le 65535 ] || fail "$_dir: longer than a leaf can be"
	_proof=$_dir/receipt.tlog-proof
	check_path "$1" "$4" "$_proof" checkpoint
	climb "$1" "$size" "$work/nodes" || fail "$_proof: the path has the wrong length"
	[ "$hash" = "$root" ] ||
		fail "$_dir: the path does not lead from this record to the checkpoint"
}

# check_parts HEADER DIR: each part is what the header commits to, or is marked as withheld.
# Sets n_parts and n_withheld.
check_parts() {
	n_parts=0
	n_withheld=0
	while take "$1" 32 $((n_parts + 1)) "$work/part"; do
		fields "$work/part"
		_name=$(printf %02d "$n_parts")
		n_parts=$((n_parts + 1))
		printf 'withheld\n' >"$work/withheld"
		if [ -e "$2/withheld-$_name" ]; then
			n_withheld=$((n_withheld + 1))
			same "$2/withheld-$_name" "$work/withheld" ||
				fail "$2/withheld-$_name: does not say withheld"
			[ ! -e "$2/part-$_name" ] || fail "$2/part-$_name: withheld and there"
			continue
		fi
		{ [ -f "$2/part-$_name" ] && [ -f "$2/salt-$_name" ]; } ||
			fail "$2: part $_name is neither there nor withheld"
		[ "$(size_of "$2/salt-$_name")" -eq 32 ] || fail "$2/salt-$_name: not 32 bytes"
		[ "$(size_of "$2/part-$_name")" = "$(number "$work/part" 3)" ] ||
			fail "$2/part-$_name: another size than the header says"
		take "$work/part" 4 1 "$work/committed" || fail "$2: a part without commitment"
		[ "$(cat "$2/salt-$_name" "$2/part-$_name" | sha256)" = "$(hex_of "$work/committed")" ] ||
			fail "$2/part-$_name: not what the header commits to"
	done
}

# check_files DIR HEADER?: no file that this script does not look at.
check_files() {
	_expected=$2
	_n=0
	while [ "$_n" -lt "$n_parts" ]; do
		_name=$(printf %02d "$_n")
		_n=$((_n + 1))
		if [ -e "$1/withheld-$_name" ]; then
			_expected="$_expected withheld-$_name"
		else
			_expected="$_expected part-$_name salt-$_name"
		fi
	done
	for _entry in "$1"/*; do
		case " $_expected " in
		*" ${_entry##*/} "*) ;;
		*) fail "$_entry: a file that belongs to nothing" ;;
		esac
	done
}

# --- 4. Registry, directories, revocation lists ------------------------------------------------

# A registry in force lies in work/registry.INDEX: content, and for each member CC.root,
# CC.governance, CC.witness; for each router ADDRESS.router (its key) and ORIGIN.log.
registry=    # index of the newest one so far
n_witnesses=0

# has_quorum CONTENT GOVERNED REGISTRY: signatures of two thirds and one more of its members.
has_quorum() {
	_n_members=$(wc -l <"$3/members")
	_n_signed=0
	_nth_signature=0
	: >"$work/signed-by"
	while take "$2" 2 $((_nth_signature + 1)) "$work/entry"; do
		_nth_signature=$((_nth_signature + 1))
		fields "$work/entry"
		_cc=$(text "$work/entry" 1) || exit 1
		[ -f "$3/$_cc.governance" ] || continue
		take "$work/entry" 2 1 "$work/entry.signature" || continue
		check_signature "$work/entry.signature" "$3/$_cc.governance" \
			'rivergate/v1 registry' "$1" || continue
		[ ! -e "$3/seen.$_cc" ] || fail "a registry is signed twice by one member"
		: >"$3/seen.$_cc"
		_n_signed=$((_n_signed + 1))
	done
	rm -f "$3"/seen.*
	[ "$_n_signed" -ge $((2 * _n_members / 3 + 1)) ]
}

# open_registry FILE DIR: takes a registry's content apart.
open_registry() {
	_nth=0
	_file=$1
	fields "$_file"
	: >"$2/members"
	_n=0
	while take "$1" 3 $((_n + 1)) "$work/member"; do
		_n=$((_n + 1))
		fields "$work/member"
		_cc=$(text "$work/member" 1) || exit 1
		case $_cc in
		[a-z][a-z]) ;;
		*) fail "a registry names a member that is no country" ;;
		esac
		printf '%s\n' "$_cc" >>"$2/members"
		{ take "$work/member" 3 1 "$2/$_cc.root" && take "$work/member" 4 1 "$2/$_cc.governance"; } ||
			fail "a registry names a member without keys"
		take "$work/member" 6 1 "$2/$_cc.witness" || :
	done
	_n=0
	while take "$1" 4 $((_n + 1)) "$work/router"; do
		_n=$((_n + 1))
		fields "$work/router"
		_address=$(text "$work/router" 1) || exit 1
		case $_address in
		*[!a-z0-9.-]* | '') fail "a registry names a router without address" ;;
		esac
		take "$work/router" 4 1 "$work/raw" || fail "a router without key"
		ed25519_spki "$work/raw" >"$2/$_address.router"
		if [ "$(text "$work/router" 2)" = "$origin" ]; then
			take "$work/router" 3 1 "$2/log" || fail "a log without key"
		fi
	done
}

# take_registry INDEX DIR: a record that brings a registry: chained to the one before.
take_registry() {
	_new=$work/registry.$1
	mkdir "$_new"
	cat "$2/part-00" >"$_new/governed"
	fields "$_new/governed"
	take "$_new/governed" 1 1 "$_new/content" || fail "$2: no registry"
	open_registry "$_new/content" "$_new"
	if [ -z "$registry" ]; then
		pin=$(hash_of "$_new/content")
		[ "$(number "$_new/content" 1)" = 1 ] || fail "$2: the first registry is not version 1"
		has_quorum "$_new/content" "$_new/governed" "$_new" ||
			fail "$2: the genesis registry is not signed by a quorum of its members"
	else
		_old=$work/registry.$registry
		{ take "$_new/content" 2 1 "$work/previous" &&
			[ "$(hex_of "$work/previous")" = "$(hash_of "$_old/content")" ]; } ||
			fail "$2: does not continue the registry before it"
		[ "$(number "$_new/content" 1)" = $(($(number "$_old/content" 1) + 1)) ] ||
			fail "$2: not the next version"
		has_quorum "$_new/content" "$_new/governed" "$_old" ||
			fail "$2: not signed by a quorum of the members of the registry before it"
	fi
	registry=$1
}

# take_directory INDEX DIR: a record that brings a member's directory, signed by that member.
take_directory() {
	_new=$work/directory.$1
	mkdir "$_new"
	cat "$2/part-00" >"$_new/governed"
	fields "$_new/governed"
	take "$_new/governed" 1 1 "$_new/content" || fail "$2: no directory"
	fields "$_new/content"
	_cc=$(text "$_new/content" 1) || exit 1
	[ -f "$work/registry.$registry/$_cc.governance" ] || fail "$2: the directory of no member"
	printf '%s' "$_cc" >"$_new/cc"
	take "$_new/governed" 2 1 "$work/entry" || fail "$2: an unsigned directory"
	fields "$work/entry"
	{ [ "$(text "$work/entry" 1)" = "$_cc" ] && take "$work/entry" 2 1 "$work/entry.signature" &&
		check_signature "$work/entry.signature" "$work/registry.$registry/$_cc.governance" \
			'rivergate/v1 directory' "$_new/content"; } ||
		fail "$2: not signed by the member's governance key"
}

# root_pem REGISTRY CC: writes work/root.pem and work/root.spki.
root_pem() {
	{ openssl x509 -inform DER -in "$work/registry.$1/$2.root" -out "$work/root.pem" 2>/dev/null &&
		openssl x509 -in "$work/root.pem" -noout -pubkey >"$work/root.pub" 2>/dev/null &&
		openssl pkey -pubin -in "$work/root.pub" -outform DER -out "$work/root.spki" 2>/dev/null; } ||
		fail "the root certificate of $2 cannot be read"
}

# is_crl_of DER: signed by the key of work/root.spki, over the bytes as they stand, which
# `openssl verify` cannot do for SM2.
is_crl_of() {
	openssl asn1parse -inform DER -in "$1" >"$work/asn1" 2>/dev/null || return 1
	_tbs=
	_bits=
	while IFS= read -r _line; do
		case $_line in
		*': SEQUENCE'*) _is_sequence=yes ;;
		*) _is_sequence=no ;;
		esac
		_offset=${_line%%:*}
		_rest=${_line#*:}
		case $_rest in
		d=1*) ;;
		*) continue ;;
		esac
		_rest=${_rest#*hl=}
		_head=${_rest%% *}
		_rest=${_rest#*l=}
		# shellcheck disable=SC2086 # strips the blanks that pad the number
		set -- "$1" $_rest
		if [ -z "$_tbs" ] && [ "$_is_sequence" = yes ]; then
			_tbs="$((_offset)) $((_head + $2))"
		fi
		case $_line in
		*'prim: BIT STRING'*) _bits="$((_offset + _head)) $2" ;;
		esac
	done <"$work/asn1"
	[ -n "$_tbs" ] && [ -n "$_bits" ] || return 1
	[ "$(hex_of "$1" "${_bits%% *}" 1)" = 00 ] || return 1
	piece "$1" "${_tbs%% *}" "${_tbs##* }" >"$work/tbs"
	piece "$1" $((${_bits%% *} + 1)) $((${_bits##* } - 1)) >"$work/bits"
	is_signed "$work/tbs" "$work/bits" "$work/root.spki"
}

# take_crl INDEX DIR: a record that brings a revocation list. Whose it is, is asked at its use.
take_crl() {
	mkdir "$work/crl.$1"
	cat "$2/part-00" >"$work/crl.$1/der"
}

# --- 5. Senders ------------------------------------------------------------------------------

# find_certificate DIRECTORY FROM KEY_ID: the party that covers the address, and its signing
# certificate with this key: writes work/certificate.der and .spki, sets party.
find_certificate() {
	_n_party=0
	party=
	: >"$work/found"
	while take "$1" 3 $((_n_party + 1)) "$work/party"; do
		_n_party=$((_n_party + 1))
		fields "$work/party"
		_address=$(text "$work/party" 1) || exit 1
		[ "$(number "$work/party" 6)" = 0 ] || continue
		case $2. in
		"$_address".*) ;;
		*) continue ;;
		esac
		[ ${#_address} -gt ${#party} ] || continue
		party=$_address
		mv "$work/party" "$work/found"
		mv "$work/party.fields" "$work/found.fields"
	done
	[ -n "$party" ] || return 1
	_n_key=0
	while take "$work/found" 4 $((_n_key + 1)) "$work/partykey"; do
		_n_key=$((_n_key + 1))
		fields "$work/partykey"
		[ "$(number "$work/partykey" 1)" = 1 ] || continue
		take "$work/partykey" 3 1 "$work/certificate.der" || continue
		openssl x509 -inform DER -in "$work/certificate.der" -out "$work/certificate.pem" \
			2>/dev/null || continue
		openssl x509 -in "$work/certificate.pem" -noout -pubkey 2>/dev/null |
			openssl pkey -pubin -outform DER -out "$work/certificate.spki" 2>/dev/null ||
			continue
		[ "$(hash_of "$work/certificate.spki")" != "$3" ] || return 0
	done
	return 1
}

# use_certificate DER: it lies in certificates/ under its hash, for whoever wants to look.
use_certificate() {
	_name=$(hash_of "$1").der
	{ [ -f "certificates/$_name" ] && same "certificates/$_name" "$1"; } ||
		fail "certificates/$_name: missing, or another"
	printf '%s\n' "$_name" >>"$work/used"
}

# check_certificate CC TIME_S REGISTRY CRL DIR: chain to the member's root, validity, address,
# revocation.
check_certificate() {
	root_pem "$3" "$1"
	use_certificate "$work/certificate.der"
	use_certificate "$work/registry.$3/$1.root"
	_sm2=
	[ "$(algorithm_of "$work/root.spki")" != 5 ] || _sm2=distid:$SM2_ID
	openssl verify -CAfile "$work/root.pem" -no-CApath -no-CAstore -attime "$2" \
		${_sm2:+-vfyopt "$_sm2"} "$work/certificate.pem" >"$work/said" 2>&1 ||
		fail "$5: the sender's certificate did not hold at that time under the root of $1"
	_names=$(openssl x509 -in "$work/certificate.pem" -noout -ext subjectAltName 2>/dev/null |
		tail -n 1 | tr -d ' ')
	[ "$_names" = "URI:rivergate:$party" ] || fail "$5: the certificate is for another address"
	[ "$4" != 0 ] || return 0
	[ -d "$work/crl.$4" ] || fail "$5: revocation list of record $4 is not in the bundle"
	is_crl_of "$work/crl.$4/der" || fail "$(folder "$4")/part-00: not signed by the root of $1"
	_serial=$(openssl x509 -in "$work/certificate.pem" -noout -serial)
	openssl crl -inform DER -in "$work/crl.$4/der" -noout -text >"$work/crl.text" 2>/dev/null ||
		fail "$(folder "$4")/part-00: no revocation list"
	while read -r _a _b _rest; do
		[ "$_a $_b" != 'Serial Number:' ] || [ "$_rest" != "${_serial#serial=}" ] ||
			fail "$5: the sender's certificate was revoked"
	done <"$work/crl.text"
}

# check_value SIGNATURE SPKI HEADER: the sender's signature, of one header or of a batch.
check_value() {
	[ "$(text "$1" 1)" = "$(hash_of "$2")" ] || return 1
	[ "$(number "$1" 2)" = "$(algorithm_of "$2")" ] || return 1
	take "$1" 3 1 "$work/value" || return 1
	if take "$1" 4 1 "$work/batch"; then
		fields "$work/batch"
		_batch_size=$(number "$work/batch" 2)
		[ "$_batch_size" -ge 2 ] && [ "$_batch_size" -le 1024 ] || return 1
		: >"$work/path.bytes"
		take "$work/batch" 3 1 "$work/path.bytes" || :
		nodes "$work/path.bytes" >"$work/nodes"
		hash=$({ byte 0 && cat "$3"; } | sha256)
		climb "$(number "$work/batch" 1)" "$_batch_size" "$work/nodes" || return 1
		{
			printf 'rivergate/v1 batch\n'
			u32 "$_batch_size"
			unhex "$hash"
		} >"$work/signed"
	else
		{ printf 'rivergate/v1 header\n' && cat "$3"; } >"$work/signed"
	fi
	is_signed "$work/signed" "$work/value" "$2"
}

# check_sender DIR HEADER SIGNATURE META INDEX: who signed it, and whether he could then.
check_sender() {
	_from=$(text "$2" 2) || exit 1
	_key_id=$(text "$3" 1) || exit 1
	_registry=$(number "$4" 2)
	_directory=$(number "$4" 3)
	if [ "$_registry" = 0 ] && [ "$registry" = "$5" ]; then
		_registry=$registry # the genesis brings its own
	fi
	[ -d "$work/registry.$_registry" ] || fail "$1: registry of record $_registry is not in the bundle"
	case $_from in
	*[!a-z0-9.-]* | '') fail "$1: the sender's address is none" ;;
	esac
	if [ -f "$work/registry.$_registry/$_from.router" ]; then
		case $(number "$2" 4) in
		32 | 33 | 34 | 35) ;;
		*) fail "$1: the router sends governance only" ;;
		esac
		check_value "$3" "$work/registry.$_registry/$_from.router" "$2" ||
			fail "$1: the router's signature does not hold"
		return
	fi
	[ -d "$work/directory.$_directory" ] || fail "$1: directory of record $_directory is not in the bundle"
	_cc=$(cat "$work/directory.$_directory/cc")
	case $_from in
	"$_cc".*) ;;
	*) fail "$1: the directory is of another member than the sender" ;;
	esac
	find_certificate "$work/directory.$_directory/content" "$_from" "$_key_id" ||
		fail "$1: no such key of the sender in his member's directory"
	check_certificate "$_cc" $(($(number "$4" 1) / 1000000)) "$_registry" "$(number "$4" 4)" "$1"
	check_value "$3" "$work/certificate.spki" "$2" || fail "$1: the sender's signature does not hold"
}

# check_reference DIR HEADER: it refers to a message of this bundle.
check_reference() {
	_n_ref=0
	while take "$2" 7 $((_n_ref + 1)) "$work/ref"; do
		_n_ref=$((_n_ref + 1))
		fields "$work/ref"
		take "$work/ref" 3 1 "$work/ref.hash" || continue
		_hash=$(hex_of "$work/ref.hash")
		while read -r _known _of; do
			[ "$_known" != "$_hash" ] || return 0
		done <"$work/headers"
	done
	fail "$1: refers to no message of this bundle"
}

kind_name() {
	case $1 in
	1) printf DECLARATION ;; 2) printf AMENDMENT ;; 3) printf CANCELLATION ;; 4) printf LINK ;;
	5) printf DECISION ;; 6) printf ACKNOWLEDGEMENT ;; 7) printf CERTIFICATE ;;
	15) printf ENQUIRY ;; 16) printf ENQUIRY_REPLY ;; 32) printf REGISTRY ;;
	33) printf DIRECTORY ;; 34) printf REVOCATION_LIST ;; 35) printf WINDOW_PROFILE ;;
	*) printf 'KIND %d' "$1" ;;
	esac
}

# check_message INDEX ROLE DIR
check_message() {
	cat "$3/header" >"$work/header"
	cat "$3/signature" >"$work/signature"
	fields "$work/header"
	fields "$work/signature"
	check_leaf "$1" 1 "$3/header" "$3/signature"
	check_parts "$work/header" "$3"
	check_files "$3" 'header meta receipt.tlog-proof signature'
	_kind=$(number "$work/header" 4)
	case $_kind in
	32 | 33 | 34 | 35)
		{ [ "$n_parts" -eq 1 ] && [ "$n_withheld" -eq 0 ]; } ||
			fail "$3: governance without its one part"
		;;
	esac
	case $2.$_kind in
	governs.3[2-4] | message.* | related.*) ;;
	*) fail "$3: nothing that governs" ;;
	esac
	case $_kind in
	32) take_registry "$1" "$3" ;;
	33) take_directory "$1" "$3" ;;
	34) take_crl "$1" "$3" ;;
	esac
	check_sender "$3" "$work/header" "$work/signature" "$work/meta" "$1"
	[ "$2" != related ] || check_reference "$3" "$work/header"
	[ "$2" != message ] || cp "$work/leaf" "$work/leaf.$1"
	printf '%s %d\n' "$(hash_of "$3/header")" "$1" >>"$work/headers"
	printf 'record %d: %s from %s, %s, signed by key %.16s…; parts: %d, withheld: %d\n' "$1" \
		"$(kind_name "$(number "$work/header" 4)")" "$(text "$work/header" 2)" "$when" \
		"$(text "$work/signature" 1)" "$n_parts" "$n_withheld"
}

# check_origin INDEX DIR ROLE
check_origin() {
	[ "$3" = governs ] || fail "$2: the origin governs"
	[ "$1" -eq 0 ] || fail "$2: only record 0 says which log this is"
	: >"$work/nothing"
	check_leaf "$1" 4 "$2/body.origin" "$work/nothing"
	n_parts=0
	check_files "$2" 'body.origin meta receipt.tlog-proof'
	cat "$2/body.origin" >"$work/origin"
	fields "$work/origin"
	[ "$(text "$work/origin" 1)" = "$origin" ] || fail "$2: another log's record 0"
	router=$(text "$work/origin" 2) || exit 1
	take "$work/origin" 3 1 "$work/genesis" || fail "$2: no genesis"
	: >"$work/ancestors"
	_n=0
	while take "$work/origin" 5 $((_n + 1)) "$work/ancestor"; do
		_n=$((_n + 1))
		fields "$work/ancestor"
		printf '%s %d\n' "$(text "$work/ancestor" 1)" "$(number "$work/ancestor" 2)" \
			>>"$work/ancestors"
	done
	printf 'record 0: log %s of %s, %s\n' "$origin" "$router" "$when"
}

# check_record INDEX ROLE
check_record() {
	_record=$(folder "$1")
	[ -f "$_record/meta" ] || fail "$_record: no meta"
	cat "$_record/meta" >"$work/meta"
	fields "$work/meta"
	_time_us=$(number "$work/meta" 1)
	when=$(date -u -d "@$((_time_us / 1000000))" +%Y-%m-%dT%H:%M:%SZ)
	[ "$_time_us" -ge "$last_us" ] || fail "$_record: its time lies before that of an earlier record"
	last_us=$_time_us
	if [ -f "$_record/body.origin" ]; then
		check_origin "$1" "$_record" "$2"
	else
		check_message "$1" "$2" "$_record"
	fi
}

: >"$work/used"
: >"$work/headers"
: >"$work/roles"
router=
pin=
last=-1
last_us=0
n=0
while read -r word rest; do
	n=$((n + 1))
	[ "$n" -gt 4 ] || continue
	case $word in
	governs | message | related) ;;
	*) fail "MANIFEST: line $n says nothing known" ;;
	esac
	{ is_number "$rest" && [ "$rest" -gt "$last" ]; } || fail "MANIFEST: line $n is out of order"
	last=$rest
	printf '%s %d\n' "$word" "$rest" >>"$work/roles"
	printf '%s\n' "$(folder "$rest")" >>"$work/folders"
	check_record "$rest" "$word"
done <MANIFEST
{ [ -n "$router" ] && [ -n "$registry" ]; } || fail "MANIFEST: no origin, or no registry"
for dir in records/*; do
	printf '%s\n' "$dir"
done >"$work/present"
same "$work/present" "$work/folders" || fail "records/: not those of MANIFEST"
[ "$(hex_of "$work/genesis")" = "$pin" ] || fail "record 0 names another genesis registry"

sort -u "$work/used" >"$work/expected"
: >"$work/present"
for file in certificates/*; do
	[ ! -e "$file" ] || printf '%s\n' "${file##*/}" >>"$work/present"
done
same "$work/present" "$work/expected" || fail "certificates/: others than those in use"

# --- 6. Trust in the log ---------------------------------------------------------------------

newest=$work/registry.$registry
{ [ -f "$newest/log" ] && same "$newest/log" "$work/log.raw"; } ||
	fail "log.vkey: not the log key that the registry names"
for file in "$newest"/*.witness; do
	[ ! -f "$file" ] || n_witnesses=$((n_witnesses + 1))
done
skew_us=0 # how far a witness's clock may lie behind the router's
if take "$newest/content" 6 1 "$work/numbers"; then
	fields "$work/numbers"
	skew_us=$(number "$work/numbers" 1)
fi
[ "$skew_us" -ne 0 ] || skew_us=300000000
[ -z "$earliest" ] || [ $((last_us / 1000000 - skew_us / 1000000)) -le "$earliest" ] ||
	fail "checkpoint: a record's time lies after the earliest cosignature over it"
quorum=0
[ "$n_witnesses" -eq 0 ] || quorum=$((2 * n_witnesses / 3 + 1))
while read -r key name; do
	case $name in
	[a-z][a-z].witness) ;;
	*) fail "witnesses.vkeys: no name of a member's witness" ;;
	esac
	file=$newest/$name
	{ [ -f "$file" ] && [ "$(hex_of "$file")" = "$key" ]; } ||
		fail "witnesses.vkeys: $name: not the key of that member's witness"
	[ ! -e "$file.seen" ] || fail "witnesses.vkeys: $name stands there twice"
	: >"$file.seen"
done <"$work/witnesses"

word=witnessed
[ "$n_cosigned" -ge "$quorum" ] && [ "$quorum" -gt 0 ] || word=unwitnessed
[ "$n_cosigned" -le "$quorum" ] || fail "checkpoint: more cosignatures than the quorum of $quorum"
{
	printf 'rivergate/v1 evidence bundle\nlog %s\npin %s\n' "$origin" "$pin"
	printf '%s %d of %d, quorum %d\n' "$word" "$n_cosigned" "$n_witnesses" "$quorum"
	cat "$work/roles"
} >"$work/rebuilt"
same "$work/rebuilt" MANIFEST || fail "MANIFEST: not what the bundle holds"

# --- 7. Derived messages ---------------------------------------------------------------------

# origin_at INDEX: of the log that had this record first.
origin_at() {
	while read -r _ancestor _until; do
		[ "$1" -ge "$_until" ] || {
			printf '%s' "$_ancestor"
			return
		}
	done <"$work/ancestors"
	printf '%s' "$origin"
}

# derived/CAUSE-ORDINAL: what the router derives from a record; its id and what it refers to
# are checked here, the rest of it by `rivergate audit check`.
for file in derived/*; do
	[ -e "$file" ] || continue
	name=${file##*/}
	cause=${name%-*}
	ordinal=${name##*-}
	cause=${cause#"${cause%%[!0]*}"}
	{ is_number "$cause" && is_number "$ordinal" && [ "$file" = "derived/$(printf %020d "$cause")-$ordinal" ]; } ||
		fail "$file: no name of a derived message"
	[ -f "$(folder "$cause")/header" ] || fail "$file: its cause is not in the bundle"
	cat "$file" >"$work/derived"
	fields "$work/derived"
	[ "$(text "$work/derived" 2)" = "$router" ] || fail "$file: not from the router"
	{
		printf 'rivergate/v1 derived\n%s' "$(origin_at "$cause")"
		u64 "$cause"
		u32 "$(number "$work/derived" 4)"
		printf '%s' "$(text "$work/derived" 3)"
		u32 "$ordinal"
	} >"$work/id"
	hash=$(sha256 <"$work/id")
	unhex "$hash" >"$work/id"
	# shellcheck disable=SC2046 # one word a byte
	set -- $(od -An -v -tu1 -N 16 "$work/id")
	shift 6
	{
		piece "$work/id" 0 6
		byte $(($1 & 15 | 128)) "$2" $(($3 & 63 | 128))
		piece "$work/id" 9 7
	} >"$work/expected"
	{ take "$work/derived" 1 1 "$work/id" && same "$work/id" "$work/expected"; } ||
		fail "$file: its id does not follow from its cause"
	take "$work/derived" 7 1 "$work/ref" || fail "$file: refers to nothing"
	fields "$work/ref"
	take "$work/ref" 3 1 "$work/ref.hash" || fail "$file: refers to nothing"
	[ "$(hex_of "$work/ref.hash")" = "$(hash_of "$(folder "$cause")/header")" ] ||
		fail "$file: refers to another message"
	printf 'derived from record %d: expiry, told to %s\n' "$cause" "$(text "$work/derived" 3)"
done

# --- 8. The time-stamp ------------------------------------------------------------------------

# stamp_time: prints the time that the token tells, in seconds.
stamp_time() {
	openssl ts -reply -in timestamp/token.tsr -text >"$work/token.text" 2>/dev/null || return 1
	while IFS= read -r _line; do
		case $_line in
		'Time stamp: '*)
			date -u -d "${_line#Time stamp: }" +%s
			return
			;;
		esac
	done <"$work/token.text"
	return 1
}

# check_embedded SECONDS: each certificate in the token holds at this time, also one that --tsa-ca has.
check_embedded() {
	{
		openssl ts -reply -in timestamp/token.tsr -token_out -out "$work/token.der" >/dev/null 2>&1 &&
			openssl pkcs7 -inform DER -in "$work/token.der" -print_certs -out "$work/embedded" 2>/dev/null
	} || fail "timestamp/token.tsr: its certificates cannot be read"
	# shellcheck disable=SC2094 # nobody writes it
	while IFS= read -r _line; do
		case $_line in -----BEGIN*) : >"$work/one.pem" ;; esac
		printf '%s\n' "$_line" >>"$work/one.pem"
		case $_line in
		-----END*)
			openssl verify -CAfile "$tsa_ca" -no-CApath -no-CAstore -untrusted "$work/embedded" \
				-attime "$1" "$work/one.pem" >/dev/null 2>&1 ||
				fail "timestamp/token.tsr: a certificate in the token does not verify"
			;;
		esac
	done <"$work/embedded"
}

# check_stamp: timestamp/ says that what was asked for existed at a time.
check_stamp() {
	{ [ -f timestamp/token.tsr ] && [ -f timestamp/checkpoint ]; } ||
		fail "timestamp/: token or checkpoint is missing"
	{
		IFS= read -r _origin && IFS= read -r _size && IFS= read -r _root && IFS= read -r _empty &&
			IFS= read -r log_line
	} <timestamp/checkpoint || fail "timestamp/checkpoint: too short"
	{ [ "$_origin" = "$origin" ] && is_number "$_size" && is_hash64 "$_root"; } ||
		fail "timestamp/checkpoint: not one of this log"
	unbase64 "$_root" "$work/root" || fail "timestamp/checkpoint: not one of this log"
	printf '%s\n%s\n%s\n' "$_origin" "$_size" "$_root" >"$work/stamped"
	{ cat "$work/stamped" && printf '\n%s\n' "$log_line"; } >"$work/rebuilt"
	same "$work/rebuilt" timestamp/checkpoint ||
		fail "timestamp/checkpoint: not in canonical form"
	vkey_name=$origin
	vkey_id=$log_id
	read_signature "$log_line" || fail "timestamp/checkpoint: its signature is not the log's"
	is_signed "$work/stamped" "$work/sig.bytes" "$work/log.spki" ||
		fail "timestamp/checkpoint: the log's signature does not hold"
	_stamped_root=$(hex_of "$work/root")
	_stamped_us=0
	printf 'timestamp/checkpoint\n' >"$work/expected"
	while read -r _role _at; do
		[ "$_role" = message ] || continue
		_proof=timestamp/$(printf %020d "$_at").tlog-proof
		[ -f "$_proof" ] || fail "$_proof: missing"
		cat "$work/leaf.$_at" >"$work/leaf"
		check_path "$_at" "$(folder "$_at")/signature" "$_proof" timestamp/checkpoint
		climb "$_at" "$_size" "$work/nodes" || fail "$_proof: the path has the wrong length"
		[ "$hash" = "$_stamped_root" ] ||
			fail "$_proof: does not lead from the record to the checkpoint that was stamped"
		printf '%s\n' "$_proof" >>"$work/expected"
		cat "$(folder "$_at")/meta" >"$work/meta"
		fields "$work/meta"
		_stamped_us=$(number "$work/meta" 1)
	done <"$work/roles"
	printf 'timestamp/token.tsr\n' >>"$work/expected"
	for file in timestamp/*; do
		printf '%s\n' "$file"
	done >"$work/present"
	sort "$work/expected" >"$work/rebuilt"
	sort "$work/present" >"$work/sorted"
	same "$work/sorted" "$work/rebuilt" || fail "timestamp/: a file that belongs to nothing"
	_time=$(stamp_time) || fail "timestamp/token.tsr: no time-stamp token"
	_when=$(date -u -d "@$_time" +%Y-%m-%dT%H:%M:%SZ)
	if [ -z "$tsa_ca" ]; then
		printf 'time-stamp of %s over %d records: NOT JUDGED (give --tsa-ca)\n' "$_when" "$_size"
		return
	fi
	openssl ts -verify -data "$work/stamped" -in timestamp/token.tsr -CAfile "$tsa_ca" \
		-attime "$_time" >"$work/said" 2>&1 ||
		fail "timestamp/token.tsr: does not hold under the authority that you trust"
	check_embedded "$_time"
	[ $((_stamped_us / 1000000 - skew_us / 1000000)) -le $((_time + 1)) ] ||
		fail "timestamp/token.tsr: a record that it covers states a later time"
	printf 'time-stamp of %s over %d records holds under the authority that you trust\n' \
		"$_when" "$_size"
}

if [ -e timestamp ]; then
	check_stamp
fi

# --- The answer ------------------------------------------------------------------------------

printf 'log %s, %d records, key %s\n' "$origin" "$size" "$(cat log.vkey)"
printf '%s: %d of %d witnesses cosigned, the quorum is %d\n' "$word" "$n_cosigned" "$n_witnesses" "$quorum"
if [ "$word" = unwitnessed ] && [ "$accept_unwitnessed" = no ]; then
	fail "UNWITNESSED: no quorum saw this log; --unwitnessed accepts that"
fi
if [ -n "$wanted_pin" ]; then
	[ "$wanted_pin" = "$pin" ] || fail "the genesis registry is $pin, not the one you trust"
	printf 'HOLDS, under the genesis registry that you trust\n'
	exit 0
fi
printf 'HOLDS, if you trust the genesis registry %s:\n' "$pin"
printf 'compare this pin with one from another source (or give it with --pin)\n'
