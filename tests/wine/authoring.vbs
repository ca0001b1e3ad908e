' What scripts see of an image in the making: collections, errors by number and text, change points, boot images, the result.
Option Explicit
Dim Image, Root, Item, Result, Boot, Zeros, Point, Range

Sub Said(What)
  If Err.Number = 0 Then
    WScript.Echo What & ": done"
  Else
    WScript.Echo What & ": 0x" & Hex(Err.Number) & " " & Err.Source & ": " & Err.Description
  End If
  Err.Clear
End Sub

Set Image = CreateObject("IMAPI2FS.MsftFileSystemImage")
Image.ChooseImageDefaultsForMediaType 12
Image.VolumeName = "Scripted"
WScript.Echo Image.VolumeNameISO9660 & " " & Image.VolumeNameUDF & " " & Image.FileSystemsToCreate
Set Root = Image.Root
Root.AddTree "G:\BurnDir", False
Root.AddDirectory "new"
Root.AddTree "G:\BurnDir", True
WScript.Echo Image.FileCount & " files, " & Image.DirectoryCount & " folders"
For Each Item In Root
  WScript.Echo Item.FullPath & " " & Item.FileSystemName(1)
Next
WScript.Echo Root("docs\a.txt").DataSize32BitLow & " " & Root.Item("docs").Count & " " & Image.Exists("\docs\none")

On Error Resume Next
Root.AddDirectory "new"
Said "twice"
Root.Remove "docs"
Said "not empty"
Set Item = Root("none")
Said "missing"
Root.AddTree "G:\None", False
Said "no source"
Image.UDFRevision = 3
Said "revision"
Image.ImportFileSystem
Said "no disc"
Set Boot = CreateObject("IMAPI2FS.BootOptions")
Boot.Manufacturer = "more than twenty-four bytes"
Said "manufacturer"
Image.NoSuchMember
Said "no member"
On Error GoTo 0

Point = Image.ChangePoint
Root.RemoveTree "docs"
Root.Remove "new"
WScript.Echo Image.DirectoryCount & " folders, changed " & (Image.ChangePoint - Point) & " times"
Image.RollbackToChangePoint Point
WScript.Echo Image.DirectoryCount & " folders again"

Set Result = Image.CreateResultImage()
WScript.Echo Result.BlockSize & " " & Result.DiscId & " " & (Result.TotalBlocks > 300)
For Each Range In Result.ProgressItems
  WScript.Echo Range.Description & " " & Range.BlockCount
Next
On Error Resume Next
Root.AddDirectory "late"
Said "frozen"
Set Range = Result.ModifiedBlocks
Said "everything"
On Error GoTo 0
WScript.Echo "end"
