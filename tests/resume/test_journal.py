import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panim_core.execution import journal
from panim_core.execution.journal import Entry, Journal, parse
from panim_core.frames import FrameRange

RENDER = {"fps": "30", "frames": "0:100:1", "setting": {"crf": 23.0}, "file": {"ä\n.py": "0" * 64}}


def entry(number):
    frames = FrameRange(10 * number, 10 * number + 10)
    return Entry(frames, f"{number}.mp4", 1000 + number, f"{number:064x}", "f" * 64, "libx264", "yuv420p", ("odd",))


def written(path, count=4):
    log = Journal.create(path, RENDER)
    for number in range(count):
        log.append(entry(number))
    log.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return written(tmp_path_factory.mktemp("journal") / "journal")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Of another render to the same output: the same segments, other content."""
    return written(tmp_path_factory.mktemp("journal") / "journal")


ENTRIES = [entry(number) for number in range(4)]


def test_what_was_written_is_read(whole):
    assert parse(whole) == journal.Contents(RENDER, ENTRIES, [])


def test_a_line_is_on_disk_when_append_returns(tmp_path):
    log = Journal.create(tmp_path / "journal", RENDER)
    assert parse((tmp_path / "journal").read_bytes()) == journal.Contents(RENDER, [], [])
    log.append(ENTRIES[0])
    assert parse((tmp_path / "journal").read_bytes()) == journal.Contents(RENDER, ENTRIES[:1], [])
    log.close()


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n", b"{}\n", b"\x00" * 4096, b" ", b"a b\n"])
def test_what_is_no_journal_is_of_no_use(data):
    contents = parse(data)
    assert (contents.render, list(contents.entries)) == (None, [])
    assert len(contents.problems) == 1


def test_every_truncation_leaves_whole_lines(whole):
    ends = [i + 1 for i, byte in enumerate(whole) if byte == 10]
    for length in range(len(whole)):
        contents = parse(whole[:length])
        complete = sum(end <= length for end in ends)
        assert contents.render == (RENDER if complete else None)
        assert contents.entries == ENTRIES[: max(0, complete - 1)] if complete else not contents.entries
        assert bool(contents.problems) == (not complete or length not in ends)


def check_harmless(contents):
    """Nothing is read that was not written; a line that is gone costs its segment, no more."""
    assert contents.render in (None, RENDER)
    assert all(found in ENTRIES for found in contents.entries)
    assert contents.render is not None or not contents.entries


def test_every_flipped_bit_is_detected(whole):
    for position in range(len(whole)):
        for bit in range(8):
            data = bytearray(whole)
            data[position] ^= 1 << bit
            contents = parse(bytes(data))
            assert contents.problems
            assert all(found in ENTRIES for found in contents.entries)
            assert len(contents.entries) >= 2 or contents.render is None


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_any_corruption_is_detected_or_harmless(whole, other, data):
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        a, b = sorted(data.draw(st.tuples(st.integers(0, len(changed)), st.integers(0, len(changed)))))
        match data.draw(st.sampled_from(["cut", "insert", "overwrite", "repeat", "foreign", "swap"])):
            case "cut":
                del changed[a:b]
            case "insert":
                changed[a:a] = data.draw(st.binary(max_size=40))
            case "overwrite":
                changed[a:b] = data.draw(
                    st.binary(min_size=b - a, max_size=b - a) if b - a < 60 else st.just(b"\0" * (b - a))
                )
            case "repeat":
                changed[a:a] = changed[a:b]
            case "foreign":
                lines = other.splitlines(keepends=True)
                changed += lines[data.draw(st.integers(0, len(lines) - 1))]
            case "swap":
                lines = bytes(changed).splitlines(keepends=True)
                changed = bytearray(b"".join(data.draw(st.permutations(lines))))
    check_harmless(parse(bytes(changed)))


def test_lines_of_another_journal_are_not_taken(whole, other):
    contents = parse(whole + b"".join(other.splitlines(keepends=True)[1:]))
    assert (contents.render, contents.entries) == (RENDER, ENTRIES)
    assert len(contents.problems) == 4


def test_appending_after_a_torn_line_loses_nothing_else(tmp_path, whole):
    for torn in range(1, 60):
        path = tmp_path / "journal"
        path.write_bytes(whole[:-torn])
        log = Journal.open(path)
        log.append(entry(4))
        log.close()
        contents = parse(path.read_bytes())
        expected = [*ENTRIES[:3], *ENTRIES[3 : 3 + (torn == 1)], entry(4)]
        assert contents.entries == expected
        assert len(contents.problems) == (torn > 1)


def test_another_version_of_the_journal_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "FORMAT", journal.FORMAT + 1)
    data = written(tmp_path / "journal")
    monkeypatch.undo()
    contents = parse(data)
    assert (contents.render, list(contents.entries)) == (None, [])
    assert "version" in contents.problems[0]


def test_a_new_journal_takes_the_place_of_the_old_at_once(tmp_path):
    written(tmp_path / "journal")
    Journal.create(tmp_path / "journal", {"fps": "60"}).close()
    assert parse((tmp_path / "journal").read_bytes()) == journal.Contents({"fps": "60"}, [], [])
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]
