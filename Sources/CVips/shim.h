/* libvips for Swift: its functions take variable arguments, which Swift cannot call.

   Each function here makes one such call with the options that Meshmill wants. Images are returned with a reference
   that the caller gives back by meshmill_vips_release; a null image or a nonzero result is a failure whose reason lies
   in the error buffer of libvips (one for the whole process). Buffers that come out are freed by g_free. */

#ifndef MESHMILL_CVIPS_SHIM_H
#define MESHMILL_CVIPS_SHIM_H

#include <vips/vips.h>

static inline void meshmill_vips_ignore_log(
    const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer context)
{
    (void) domain;
    (void) level;
    (void) message;
    (void) context;
}

/* Starts libvips once for the process: one thread an operation (the callers bring their own), no operation cache (inputs
   differ, and the cache would hold their pixels), and only the loaders that are fit for hostile files. Its warnings,
   which go to standard error, are ignored: they speak of pictures that a stranger made. */
static inline int meshmill_vips_start(void)
{
    if (vips_init("meshmill") != 0)
        return -1;
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, meshmill_vips_ignore_log, NULL);
    vips_block_untrusted_set(TRUE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return 0;
}

static inline void meshmill_vips_release(VipsImage *image)
{
    g_object_unref(image);
}

/* Reads the header only; no pixel is decoded. The bytes must outlive the image. */
static inline VipsImage *meshmill_vips_open(const void *bytes, size_t length)
{
    return vips_image_new_from_buffer(bytes, length, "", NULL);
}

/* Decodes all of a file, turned upright, in 8-bit sRGB (or grey), its longest side at most `side`, into memory.
   `profiled` converts by the embedded colour profile, or from CMYK. Without, the samples are taken as sRGB: a detour
   through profiles would tint what needs none (grey 128 came out as 126 127 129).
   "fail_on" must stand in the option string: 8.14 ignores the property of that name here, and a truncated file would
   come out half grey. */
static inline VipsImage *meshmill_vips_decode(const void *bytes, size_t length, int side, gboolean profiled)
{
    VipsImage *lazy = NULL;
    VipsImage *pixels;
    int result = profiled
        ? vips_thumbnail_buffer((void *) bytes, length, &lazy, side, "height", side, "size", VIPS_SIZE_DOWN,
              "option_string", "[fail_on=error]", "export_profile", "srgb", NULL)
        : vips_thumbnail_buffer((void *) bytes, length, &lazy, side, "height", side, "size", VIPS_SIZE_DOWN,
              "option_string", "[fail_on=error]", NULL);
    if (result != 0)
        return NULL;
    pixels = vips_image_copy_memory(lazy);
    g_object_unref(lazy);
    return pixels;
}

/* Stores in `opaque` whether every pixel's alpha is 255; an image without alpha is opaque. */
static inline int meshmill_vips_is_opaque(VipsImage *image, gboolean *opaque)
{
    VipsImage *alpha = NULL;
    double least = 255;
    int result;
    *opaque = TRUE;
    if (!vips_image_hasalpha(image))
        return 0;
    if (vips_extract_band(image, &alpha, image->Bands - 1, NULL) != 0)
        return -1;
    result = vips_min(alpha, &least, NULL);
    g_object_unref(alpha);
    *opaque = least >= 255;
    return result;
}

/* Lays an image on white; one without alpha is returned as it is. (vips_flatten would take its last channel for one.) */
static inline VipsImage *meshmill_vips_flatten(VipsImage *image)
{
    const double white[] = { 255 };
    VipsArrayDouble *background;
    VipsImage *flat = NULL;
    if (!vips_image_hasalpha(image))
        return g_object_ref(image);
    background = vips_array_double_new(white, 1);
    vips_flatten(image, &flat, "background", background, NULL);
    vips_area_unref(VIPS_AREA(background));
    return flat;
}

/* Encodes without any metadata. */
static inline int meshmill_vips_save_jpeg(VipsImage *image, int quality, void **bytes, size_t *length)
{
    return vips_jpegsave_buffer(image, bytes, length, "Q", quality, "strip", TRUE, NULL);
}

/* Encodes without any metadata, 8 bits a channel, each line with the filter that suits it. */
static inline int meshmill_vips_save_png(VipsImage *image, void **bytes, size_t *length)
{
    return vips_pngsave_buffer(image, bytes, length, "compression", 6, "filter", VIPS_FOREIGN_PNG_FILTER_ALL,
        "bitdepth", 8, "strip", TRUE, NULL);
}

/* The embedded colour profile, owned by the image; null if there is none. */
static inline const void *meshmill_vips_profile(VipsImage *image, size_t *length)
{
    const void *bytes = NULL;
    *length = 0;
    if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) == 0 ||
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &bytes, length) != 0)
        return NULL;
    return bytes;
}

#endif
