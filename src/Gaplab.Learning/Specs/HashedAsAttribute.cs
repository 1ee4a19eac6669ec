// The key under which a member enters the hash, where code has since learned a better name for it.
namespace Gaplab.Learning.Specs;

/// <summary>Marks a member of a spec that enters an id under another key than its name: renamed in code, it changes no id.</summary>
/// <param name="key">The key of the canonical JSON.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HashedAsAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}
