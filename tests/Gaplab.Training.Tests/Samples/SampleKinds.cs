// The kinds of samples/OwnKinds beside Gaplab's own, as that program has them.
using Gaplab.Studies;

namespace Gaplab.Training.Tests.Samples;

internal static class SampleKinds
{
    public static Catalogues Catalogues { get; } =
        Gaplab.Studies.Catalogues.BuiltIn.With(MinGru.Kind).With(SortedLists.Kind).With(QuasiHyperbolic.Kind).With(UpdateRatio.Kind);
}
