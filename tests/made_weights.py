"""A weight entry that nobody published, for a small network of torchvision, and a server that has it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NETWORK = "shufflenet_v2_x0_5"
LABELS = ("ant", "bee", "cat", "dog", "emu", "fox", "gnu", "hen", "ibis", "jay", "koi", "lynx")


@dataclass
class Made:
    """The entry, the bytes of its file and the network that they came from."""

    entries: Any
    content: bytes
    network: Any

    @property
    def file_name(self) -> str:
        return self.entries.MADE_UP.url.rsplit("/", 1)[-1]


def make() -> Made:
    import torch
    from torchvision import models
    from torchvision.models import Weights, WeightsEnum
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms._presets import ImageClassification

    torch.manual_seed(7)
    network = models.get_model(NETWORK, weights=None, num_classes=len(LABELS)).eval()
    # An untrained network's batch norm knows no statistics, and would answer everything alike.
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    stream = io.BytesIO()
    torch.save(network.state_dict(), stream)
    content = stream.getvalue()
    digest = hashlib.sha256(content).hexdigest()[:8]

    class MadeUp(WeightsEnum):
        MADE_UP = Weights(
            url=f"https://weights.invalid/models/{NETWORK}-{digest}.pth",
            transforms=partial(
                ImageClassification,
                crop_size=48,
                resize_size=57,
                mean=(0.4, 0.5, 0.6),
                std=(0.2, 0.25, 0.3),
                interpolation=InterpolationMode.BICUBIC,
            ),
            meta={
                "categories": list(LABELS),
                "num_params": 1,
                "_metrics": {"Made-up-12": {"acc@1": 61.25, "acc@5": 83.5}},
                "_file_size": len(content) / 2**20,
                "recipe": "https://weights.invalid/recipe",
            },
        )
        DEFAULT = MADE_UP

    return Made(MadeUp, content, network)


@dataclass
class WeightsServer:
    """Has one file under /weights/NAME and goes on where it is asked to; `cut` ends an answer after so many bytes."""

    name: str
    content: bytes
    cut: int | None = None
    stall: threading.Event | None = None
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def __enter__(self) -> WeightsServer:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append((self.path, self.headers.get("Range")))
                if self.path != f"/weights/{server.name}":
                    self.send_response(404)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                start = int((self.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
                total = len(server.content)
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(total - start))
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
                self.end_headers()
                end = total if server.cut is None else server.cut
                # Who cancels goes away in the middle.
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(server.content[start:end])
                if server.stall is not None:
                    self.wfile.flush()
                    server.stall.wait(20)
                self.close_connection = True

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    @property
    def mirror(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/weights/"

    def __exit__(self, *_: object) -> None:
        if self.stall is not None:
            self.stall.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
