// The owned native tensor: freed once, by scope, by Dispose, or at last by the collector.
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

internal sealed class TensorHandle : SafeHandle
{
    public TensorHandle()
        : base(0, ownsHandle: true) { }

    public TensorHandle(nint pointer)
        : base(0, ownsHandle: true) => SetHandle(pointer);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Native.gl_delete(handle);
        return true;
    }
}
