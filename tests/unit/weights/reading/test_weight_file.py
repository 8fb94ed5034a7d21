from __future__ import annotations

import os
import pickle
import tracemalloc
from pathlib import Path

import pytest
import torch

from tests.made_files.hostile.hostile import FILES, RunsCode, archive, tensor_pickle, zipped
from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.recognise import recognise
from vidrestore.weights.reading.weight_file import open_weights

# What opening a file may take beside the file's own length.
FIXED = 8 << 20


def read_all(path: Path) -> None:
    """Read every tensor, as for a network; what is none is told as the loader tells it."""
    with open_weights(path) as file:
        found = recognise(file.contents)
        file.tensors(found.tensors)
    read_checkpoint(path)


@pytest.mark.parametrize("name", FILES)
def test_hostile_files_are_refused_in_one_line_and_bounded_memory(
    name: str, tmp_path: Path
) -> None:
    write, told = FILES[name]
    path = tmp_path / "model.pth"
    path.write_bytes(write())
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match=told) as caught:
            read_all(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(str(caught.value).splitlines()) == 1
    assert str(path) in str(caught.value)
    assert peak < 3 * path.stat().st_size + FIXED


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("where", ["bare", "torch.save", "before 1.6"])
def test_code_is_listed_and_never_run(protocol: int, where: str, tmp_path: Path) -> None:
    sign, path = tmp_path / "executed", tmp_path / "model.pth"
    content = {"final_linear.0.bias": RunsCode(sign)}
    if where == "bare":
        path.write_bytes(pickle.dumps(content, protocol))
    else:
        zip_format = where == "torch.save"
        torch.save(
            content, path, pickle_protocol=protocol or 1, _use_new_zipfile_serialization=zip_format
        )
    with open_weights(path) as file:
        assert any(name.endswith("touch") or "getattr" in name for name in file.contents.globals)
    with pytest.raises(ModelError, match="never run"):
        read_checkpoint(path)
    assert not sign.exists()
    pickle.loads(pickle.dumps(RunsCode(sign)))
    assert sign.exists(), "the pickle would have run, had anybody executed it"


def test_a_pickle_that_breaks_off_still_shows_what_it_would_import(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(b"cos\nsystem\n(S'true'\ntRcsubprocess\nrun\n(")
    with open_weights(path) as file:
        assert file.contents.globals == ("os.system", "subprocess.run")
        assert file.contents.broken


def test_other_objects_in_a_checkpoint_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save({"w": torch.arange(6.0).reshape(2, 3), "args": os.terminal_size((1, 2))}, path)
    with open_weights(path) as file:
        assert "os.terminal_size" in file.contents.globals
        read = file.tensors({"w": file.contents.value["w"]})
    assert torch.equal(read["w"], torch.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize("zip_format", [True, False])
def test_tensors_are_those_that_were_saved(zip_format: bool, tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    whole = torch.randn(4, 6)
    saved = {
        "whole": whole,
        "turned": whole.T,
        "part": whole[1:3, ::2],
        "half": whole.half(),
        "brain": whole.bfloat16(),
        "double": whole.double(),
        "numbers": torch.arange(5),
        "scalar": torch.tensor(3.5),
        "none": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(whole.clone()),
    }
    torch.save(saved, path, _use_new_zipfile_serialization=zip_format)
    with open_weights(path) as file:
        for name, tensor in saved.items():
            read = file.tensors({name: file.contents.value[name]})[name]
            assert read.dtype == tensor.dtype
            assert torch.equal(read, tensor), name


def test_only_the_storages_asked_for_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save({"small": torch.ones(4), "large": torch.ones(4 << 20)}, path)
    with open_weights(path) as file:
        tracemalloc.start()
        file.tensors({"small": file.contents.value["small"]})
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 << 20


def test_links_are_followed_but_never_to_devices_or_in_circles(tmp_path: Path) -> None:
    real, link = tmp_path / "real.pth", tmp_path / "link.pth"
    torch.save({"w": torch.ones(2)}, real)
    link.symlink_to(real)
    with open_weights(link) as file:
        assert file.size == real.stat().st_size
    pipe = tmp_path / "pipe.pth"
    os.mkfifo(pipe)
    for name, target in (("device", Path("/dev/zero")), ("pipe", pipe), ("folder", tmp_path)):
        odd = tmp_path / name
        odd.symlink_to(target)
        with pytest.raises(ModelError, match="no regular file"), open_weights(odd):
            pass
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    gone = tmp_path / "gone"
    gone.symlink_to(tmp_path / "nowhere")
    for path in (circle, gone):
        with pytest.raises(ModelError, match="cannot read"), open_weights(path):
            pass


def test_a_link_inside_an_archive_is_only_a_name(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(zipped({"../../etc/data.pkl": b"\x80\x02}.", "a/data/0": b"/etc/passwd"}))
    with pytest.raises(ModelError):
        read_checkpoint(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_weights_that_are_no_numbers_are_refused(
    odd: float, dtype: torch.dtype, tmp_path: Path
) -> None:
    from vidrestore.restore.gpen.network import Gpen  # noqa: PLC0415
    from vidrestore.restore.gpen.published import to_published  # noqa: PLC0415
    from vidrestore.restore.gpen.shape import GpenShape  # noqa: PLC0415

    shape = GpenShape((4, 4), style_width=4, mapping_depth=1)
    state = {k: v.to(dtype) for k, v in to_published(Gpen(shape).state_dict(), shape).items()}
    state["ecd1.0.1.weight"] = state["ecd1.0.1.weight"].clone()
    state["ecd1.0.1.weight"].view(-1)[-1] = odd
    path = tmp_path / "model.pth"
    torch.save(state, path)
    with pytest.raises(ModelError, match=r"ecd1\.0\.1\.weight holds NaN or infinite"):
        read_checkpoint(path)


def test_a_whole_archive_made_by_hand_is_read(tmp_path: Path) -> None:
    """The hostile files differ from this one only in what makes them hostile."""
    path = tmp_path / "model.pth"
    path.write_bytes(archive(tensor_pickle((2,), (1,), 2), b"\0\0\x80?" * 2))
    with open_weights(path) as file:
        read = file.tensors(dict(file.contents.value))
    assert read["final_linear.0.weight"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["model.pth", "model.safetensors", "model.onnx"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "is a page of HTML, not weights"),
        (b"\xef\xbb\xbf\r\n<HTML lang='en'>", "is a page of HTML, not weights"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "is a Git LFS pointer, not weights: run `git lfs pull`",
        ),
    ],
)
def test_what_was_downloaded_in_their_place_is_named(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError, match=told), open_weights(path) as file:
        file.tensors({})
