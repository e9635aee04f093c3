"""What is shown around an answer, in words: probabilities, entropy, votes, tolerance, reasons and edits.

Each is a sentence and, where something is computed, its formula.
"""

from __future__ import annotations

_SOFTMAX = "pᵢ = e^(scoreᵢ) / Σⱼ e^(scoreⱼ)"
_ENTROPY = "H = −Σ pᵢ · log₂ pᵢ; at most log₂ of the number of classes"

ANSWER: dict[str, tuple[str, ...]] = {
    "answer": ("The class that the network takes the input for: the one of the highest probability.", "arg max pᵢ"),
    "seen": ("The picture as it reaches the network, after preprocessing: its height × width in pixels.",),
    "frame": ("Which picture of an animation, or page of a document, is shown; counted from 1 as in other programs.",),
    "probability": (
        (
            "How the network shares out its certainty over the classes; together they are 100 %. It is what the "
            "network says, and no promise: it can be sure and wrong. Where pixels are marked, it is their share."
        ),
        _SOFTMAX,
    ),
    "entropy": (
        "How undecided the answer is, in bits: 0 is certain, 1 is as between two equally likely classes.",
        _ENTROPY,
    ),
    "shown classes": ("Of more classes than fit, how many bars are shown, the most probable first.",),
    "mean answer": (
        "The mean of several answers, class by class, as an ensemble gives it.",
        "pᵢ = mean over the answers of their pᵢ",
    ),
    "vote": (
        "How many of the networks chose the class that most chose; it is a majority where they are more than half.",
        "majority: 2 · votes > networks",
    ),
    "temperature": (
        (
            "What scores are divided by before they become probabilities: below 1 the answer gets surer, above 1 less "
            "decided, and which class is first never changes."
        ),
        "pᵢ = e^(scoreᵢ / T) / Σⱼ e^(scoreⱼ / T)",
    ),
}

TOLERANCE: dict[str, tuple[str, ...]] = {
    "shift_x": ("By how many pixels of what the network sees the input is moved to the right.", "x ← x + shift"),
    "shift_y": ("By how many pixels of what the network sees the input is moved down.", "y ← y + shift"),
    "turn": (
        "By how many degrees the input is turned clockwise about its middle.",
        "(x, y) ← (x · cos a − y · sin a, x · sin a + y · cos a)",
    ),
    "size": ("How many times as large the input is.", "(x, y) ← size · (x, y), from the middle"),
    "pen": ("How many times as thick the strokes are; the drawing is inked anew.", "width ← pen · width"),
    "noise": (
        "The standard deviation of random numbers added to the pixels, which run from 0 to 1.",
        "pixel ← pixel + noise · n, n normally distributed",
    ),
    "contrast": (
        "How many times as far the pixels lie from black, or in a photograph from their mean.",
        "pixel ← middle + contrast · (pixel − middle)",
    ),
    "curve": (
        "The probability of a class over the whole range of the slider; the upright line is where it stands.",
        _SOFTMAX,
    ),
    "answer": ("What the network says of the changed input, and with what probability.", _SOFTMAX),
}

WHY: dict[str, tuple[str, ...]] = {
    "Saliency": (
        "How much the class's score would change with each pixel: the size of the slope, of colours the largest.",
        "max over channels of |∂score / ∂pixel|",
    ),
    "Gradient × input": (
        "The slope at each pixel times the pixel: what it gives to the score, as far as the score is a straight line.",
        "Σ over channels of pixel · ∂score / ∂pixel",
    ),
    "Grad-CAM": (
        (
            "Where in a layer's maps the evidence for the class lies: each map is weighed by its mean slope, what "
            "speaks for the class is kept, and it is enlarged to the picture."
        ),
        "ReLU(Σₖ αₖ · mapₖ), αₖ = mean over the map of ∂score / ∂mapₖ",
    ),
    "Occlusion": (
        "How much of the score is lost when a patch is covered: for each pixel the mean over all patches on it.",
        "mean of (score − score with the patch covered)",
    ),
    "Integrated gradients": (
        "What each pixel gives to the score on the straight way from an empty picture to this one.",
        "(pixel − baseline) · mean over the way of ∂score / ∂pixel",
    ),
    "class": ("The class whose score is explained: the answered one, unless another is chosen.",),
    "layer": ("Whose maps Grad-CAM weighs: the last with maps, unless another is chosen.",),
    "patch": ("Side of the covered square in pixels of the input; auto is a seventh of the input's side.",),
    "stride": ("Pixels from one covered square to the next; auto is half of its side.",),
    "steps": (
        "At how many places between baseline and picture the slope is taken; more make the sum more exact.",
        "places (k + ½) / steps of the way, k = 0 … steps − 1",
    ),
    "baseline": ("The empty picture that the method starts from, or covers patches by.",),
    "colours": (
        (
            "What the colours stand for: from nothing to the strongest value; orange and red speak for the class, "
            "blue against it. With very many pixels one in 200 may lie beyond the scale."
        ),
        "shade = |value| / end of the scale",
    ),
    "opacity": (
        "How much of the picture the colours cover where they are strongest; weak values let more of it through.",
        "pixel = a · colour + (1 − a) · picture, a = opacity · (|value| / end)^0.6",
    ),
    "evidence": ("What the colours of this method mean, for the class that is explained.",),
    "score": (
        (
            "What the network gives the class before softmax; of a distance its negative, and where pixels are marked "
            "the sum over those marked as the class. Of integrated gradients the sum should be the score's gain."
        ),
        "Σ over all pixels = score − score of the baseline, which the sum misses by the error told",
    ),
}

SURGERY: dict[str, tuple[str, ...]] = {
    "channel": ("The channel, or the unit of a dense layer, that is silenced; counted from 0 as in torch.",),
    "silence": (
        (
            "Puts zero, or the mean, in the place of what a copy of the network computes: of a map its mean over all "
            "places, of a dense layer that over its units."
        ),
        "output ← 0, or output ← mean",
    ),
    "skip": ("Leaves out what a residual block adds: only its shortcut goes on.", "F(x) + x → x"),
    "edits": (
        (
            "What is changed in the copy that answers, and in what graph and inspector show for this input; the "
            "network itself stays what it is."
        ),
    ),
}
