// A fact of a model or a task that a page prints.
namespace Gaplab.Learning.Specs;

/// <summary>What a spec says in words, and the key of a study file that sets it; "" where no key does.</summary>
public readonly record struct SpecFact(string Key, string Words);
