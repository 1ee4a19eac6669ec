// The end of an attempt whose runs another process has taken over meanwhile.
namespace Gaplab.Results.Store;

/// <summary>The claim lapsed, or another has finished the run: what was begun is dropped, and nothing is missing.</summary>
public sealed class LostClaimException(string message) : Exception(message);
