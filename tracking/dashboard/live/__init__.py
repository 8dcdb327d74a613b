"""The pages Live and Webcam: pictures as they come."""
