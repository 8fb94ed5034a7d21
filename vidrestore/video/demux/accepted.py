"""Kinds of files that are read: an allow-list of FFmpeg's demuxers.

What is not listed opens other files, devices or addresses (playlists, captures, streaming), is
known by its name alone, or is drawn by a renderer (SVG).
"""

from __future__ import annotations

_CONTAINERS = """
mov mp4 m4a 3gp 3g2 mj2 matroska webm avi mpegts mpeg mpegvideo mxf gxf flv live_flv kux asf asf_o
wtv rm ivr ogg nut nuv dv dhav ivf obu av1 h261 h263 h264 hevc vvc evc m4v mjpeg mjpeg_2000 mpjpeg
vc1 vc1test cavsvideo avs2 avs3 dirac dnxhd apv yuv4mpegpipe gif apng swf pva ty lxf mtv lmlm4
simbiosis_imx mgsts ipmovie flic film_cpk smk bink roq idcin 4xm anm bethsoftvid bfi c93 cdxl cine
dsicin dxa ea ea_cdata filmstrip frm gdv hnm iff ilbc ingenient iv8 jv mm mv mvi mxg nc nsv paf pdv
pmp psxstr rl2 rpl sdr2 ser sga siff smjpeg smush thp tiertexseq tmv txd usm vidc vivo vividas vmd
wc3movie wsvqa xmv yop moflex mods ifv argo_brp argo_cvg r3d hxvs lvf fits photocd_pipe
"""
_PICTURES = """
image2 apng ico bmp_pipe cri_pipe dds_pipe dpx_pipe exr_pipe gem_pipe gif_pipe hdr_pipe j2k_pipe
jpeg_pipe jpegls_pipe jpegxl_anim jpegxl_pipe jpegxs_pipe pam_pipe pbm_pipe pcx_pipe pfm_pipe
pgm_pipe pgmyuv_pipe pgx_pipe phm_pipe pictor_pipe png_pipe ppm_pipe psd_pipe qdraw_pipe qoi_pipe
sgi_pipe sunrast_pipe tiff_pipe vbn_pipe webp_pipe xbm_pipe xpm_pipe xwd_pipe
"""
# Without pictures, but it is better to say so than that they are unknown.
_SOUND_AND_TEXT = """
aac ac3 ac4 aiff amr ape au caf dts dtshd eac3 flac loas mlp mp3 mpc mpc8 oma qoa sox tak truehd
tta tty bin xbin adf idf voc w64 wav wv ass srt webvtt sup microdvd subviewer ttml scc lrc
"""

DEMUXERS = ",".join((_CONTAINERS + _PICTURES + _SOUND_AND_TEXT).split())
"""What is opened, as FFmpeg's ``format_whitelist`` takes it."""

PLAYLISTS = "hls,concat"
"""What is opened besides where playlists are allowed."""
