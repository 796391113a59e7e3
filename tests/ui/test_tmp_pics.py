from tests.ui.hand_made import *
def test_pics(show, desk, qtbot):
    w=show(replay_session()); qtbot.wait(200)
    w.grab().save("/tmp/mon2/replay.png")
