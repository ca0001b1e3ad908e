' What events say while G:\BurnDir is added to an image, the image is written, and the disc is erased. With "fail" as its argument
' it ends at an error.
Option Explicit
Dim Master, Recorder, Image, Writer, Eraser, Files, Action, Last, Erasing
Set Master = CreateObject("IMAPI2.MsftDiscMaster2")
Set Recorder = CreateObject("IMAPI2.MsftDiscRecorder2")
Recorder.InitializeDiscRecorder Master.Item(0)

Sub Image_Update(ByRef Source, ByRef File, ByRef Done, ByRef Total)
  If File <> "" And Source.VolumeName = "EVENTS" And Done <= Total Then Files = Files & " " & File
End Sub

Sub Writer_Update(ByRef Source, ByRef Progress)
  If Progress.CurrentAction <> Action Then WScript.Echo "action " & Progress.CurrentAction & ": " & Source.ClientName
  Action = Progress.CurrentAction
  If Progress.LastWrittenLba < Last Or Progress.SectorCount < 1 Then WScript.Echo "it goes back"
  Last = Progress.LastWrittenLba
End Sub

Sub Eraser_Update(ByRef Source, ByRef Elapsed, ByRef Estimated)
  If Elapsed <= Estimated Then Erasing = True
End Sub

Set Image = CreateObject("IMAPI2FS.MsftFileSystemImage")
Image.ChooseImageDefaults Recorder
Image.VolumeName = "EVENTS"
WScript.ConnectObject Image, "Image_"
Image.Root.AddTree "G:\BurnDir", False
WScript.DisconnectObject Image
WScript.Echo "added" & Files
Files = ""

Action = -1
Last = -1
Set Writer = WScript.CreateObject("IMAPI2.MsftDiscFormat2Data", "Writer_")
Writer.Recorder = Recorder
Writer.ClientName = "events.vbs"
Image.Root.AddDirectory "later"
Writer.Write Image.CreateResultImage().ImageStream
WScript.Echo "written, and not told of '" & Files & "'"

If WScript.Arguments.Count > 0 Then
  If WScript.Arguments(0) = "fail" Then Image.Root.AddTree "G:\nowhere", False
  WScript.Quit 7
End If

Set Eraser = WScript.CreateObject("IMAPI2.MsftDiscFormat2Erase", "Eraser_")
Eraser.Recorder = Recorder
Eraser.ClientName = "events.vbs"
Erasing = False
Eraser.EraseMedia
WScript.Echo "erased, told: " & Erasing
