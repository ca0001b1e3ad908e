' Adds G:\BurnDir to the disc in the first recorder. Arguments: the volume's name, and a revision of UDF for a blank disc.
Option Explicit
Dim Master, Recorder, Writer, Image, Result
Set Master = CreateObject("IMAPI2.MsftDiscMaster2")
Set Recorder = CreateObject("IMAPI2.MsftDiscRecorder2")
Recorder.InitializeDiscRecorder Master.Item(0)
Set Writer = CreateObject("IMAPI2.MsftDiscFormat2Data")
Writer.Recorder = Recorder
Writer.ClientName = "burn.vbs"
Writer.DisableConsumerDvdCompatibilityMode = True
Set Image = CreateObject("IMAPI2FS.MsftFileSystemImage")
If Writer.MediaHeuristicallyBlank Then
  Image.ChooseImageDefaults Recorder
  If WScript.Arguments.Count > 1 Then Image.UDFRevision = CLng(WScript.Arguments(1))
Else
  Image.MultisessionInterfaces = Writer.MultisessionInterfaces
  WScript.Echo "imported " & Image.ImportFileSystem() & " '" & Image.ImportedVolumeName & "'"
End If
Image.VolumeName = WScript.Arguments(0)
Image.Root.AddTree "G:\BurnDir", False
Set Result = Image.CreateResultImage()
WScript.Echo Image.FileCount & " files, " & Image.DirectoryCount & " folders"
Writer.Write Result.ImageStream
WScript.Echo "written"
