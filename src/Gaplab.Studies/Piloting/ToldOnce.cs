// The observer of a pilot's rounds: each goes through those before it again, of which it was told already.
using Gaplab.Learning.Specs;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Running;

namespace Gaplab.Studies.Piloting;

/// <summary>Passes everything on but decisions that were told in an earlier round.</summary>
/// <param name="inner">Who is told.</param>
/// <param name="told">Of all rounds: an arm with the round and the state of its sentinel.</param>
internal sealed class ToldOnce(IStudyObserver inner, HashSet<(string Arm, int Round, SentinelStatus Status)> told) : IStudyObserver
{
    public void Changed(StudySnapshot snapshot) => inner.Changed(snapshot);

    public void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot) => inner.PackEnded(pack, end, snapshot);

    public void Decided(Arm arm, SentinelDecision decision)
    {
        if (told.Add((arm.Key, decision.Round, decision.Status)))
            inner.Decided(arm, decision);
    }

    public void Noticed(string text) => inner.Noticed(text);

    public void Dispose() => inner.Dispose();
}
